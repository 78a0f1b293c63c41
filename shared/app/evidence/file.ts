/** A contract's evidence as a file that can be checked far from any cloud: its register, entry by entry, as it was written. */
import type { ChainBreak } from '../../domain/chain.js';
import { InvalidRequestError } from '../../domain/errors.js';
import { readHistory } from '../../domain/history.js';
import { type ContractId, parseContractId } from '../../domain/values.js';
import { objectOf } from '../inbound/step-input.js';
import { parseEntry } from '../register/fact-object.js';

export interface EvidenceFile {
  readonly contractId: ContractId;
  /** What should be facts; `undefined` where there is no JSON. */
  readonly entries: readonly unknown[];
}

/** JSON, one entry a line and each verbatim; what is no JSON becomes a text, which is no fact either. */
export function writeEvidence(contractId: ContractId, entries: readonly string[]): string {
  const lines = entries.map((text) => (parseEntry(text) === undefined ? JSON.stringify(text) : text));
  return `{"v":1,"contractId":${JSON.stringify(contractId)},"facts":[\n${lines.join(',\n')}\n]}\n`;
}

/**
 * Reads what `writeEvidence` wrote. Other white space does no harm. Where the whole is not JSON any more it is read line by line, so that
 * the entry at fault can be named.
 * @throws {InvalidRequestError} `BAD_EVIDENCE`
 */
export function readEvidence(text: string): EvidenceFile {
  const whole = parseEntry(text) ?? byLines(text);
  const { v, contractId, facts } = objectOf(whole) ?? {};
  if (v !== 1 || typeof contractId !== 'string' || !Array.isArray(facts))
    throw new InvalidRequestError('BAD_EVIDENCE', 'this is no file that "leasehold evidence" has written');
  return { contractId: parseContractId(contractId), entries: facts };
}

/** Stands for what a file lacks whose end is missing: no fact either. */
const CUT_OFF = '';

function byLines(text: string): unknown {
  const [head = '', ...rest] = text.split('\n');
  const start = parseEntry(`${head}]}`);
  const end = rest.lastIndexOf(']}');
  // What stands after the end is none of what was written either.
  const after = rest.slice(end + 1).filter((line) => line.trim() !== '');
  const lines = end < 0 ? [...rest, CUT_OFF] : [...rest.slice(0, end), ...after.map(() => CUT_OFF)];
  const entries = lines.map((line) => parseEntry(line.replace(/,$/, '')));
  return { ...objectOf(start), facts: entries };
}

/** Sequence and hash of a fact, as an outbound event carries them (`data.register`): kept where the register's writers cannot reach. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
}

/** `<seq>:<hash>`. @throws {InvalidRequestError} `BAD_EVIDENCE` */
export function parseAnchor(text: string): Anchor {
  const [, seq, hash] = /^([1-9]\d{0,8}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new InvalidRequestError(
      'BAD_EVIDENCE',
      'an anchor is <seq>:<hash>, as data.register of an outbound event has them: 12:9f86d0…',
    );
  return { seq: Number(seq), hash };
}

export type Verification =
  | {
      readonly verdict: 'whole';
      readonly facts: number;
      readonly last: Anchor;
      /** Without one nothing outside says that the whole chain was not written anew. */
      readonly anchor: Anchor | undefined;
    }
  | { readonly verdict: 'broken'; readonly break: ChainBreak }
  | { readonly verdict: 'off-anchor'; readonly anchor: Anchor; readonly what: string };

/** Whether the entries are a contract's facts from its first on, unaltered and in order; and those that `anchor` speaks of. Pure. */
export function verifyEvidence({ contractId, entries }: EvidenceFile, anchor?: Anchor): Verification {
  const history = readHistory(contractId, entries);
  if (!history.ok) return { verdict: 'broken', break: history.break };
  const { facts } = history.contract;
  const last = facts.at(-1);
  if (last === undefined) return { verdict: 'broken', break: { seq: 1, what: 'is missing: there are none' } };
  const whole = { verdict: 'whole', facts: last.seq, last: { seq: last.seq, hash: last.hash } } as const;
  if (anchor === undefined) return { ...whole, anchor };
  const anchored = facts[anchor.seq - 1];
  if (anchored === undefined)
    return { verdict: 'off-anchor', anchor, what: `the facts end at ${last.seq}: later ones are missing` };
  return anchored.hash === anchor.hash
    ? { ...whole, anchor }
    : {
        verdict: 'off-anchor',
        anchor,
        what: `fact ${anchor.seq} has another hash: the chain was written anew`,
      };
}
