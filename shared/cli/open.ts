/** `leasehold open <hand-over.json …> --key private.jwk`: what was sealed to the grantee, opened where its private key is. */
import { Command } from 'commander';
import { type DeliveryPart, MAX_PARTS } from '../app/hand-over/parts.js';
import { open, type Secret } from '../app/hand-over/seal.js';
import { printable, printableJson } from '../app/printable.js';
import type { PublicKey } from '../domain/public-key.js';
import { readTextFile } from './read-file.js';

export function openCommand(): Command {
  return new Command('open')
    .description('open what was sealed in a hand-over; prints secrets, so mind where to')
    .argument(
      '<hand-over.json...>',
      'the hand-over or the event that carried it; all parts, where it came in parts',
    )
    .requiredOption('--key <private.jwk>', 'the private key, as a JWK')
    .action(async (files: readonly string[], options: { readonly key: string }) => {
      const handOvers = files.map((file) => readHandOver({ file, text: readTextFile(file) }));
      const secrets = await openHandOvers(handOvers, readTextFile(options.key));
      for (const missing of missingParts(handOvers)) console.error(`WARNING: ${printable(missing)}`);
      // Anybody may seal to a public key: what was sealed is a stranger's text.
      console.log(printableJson(secrets));
    });
}

interface NamedText {
  readonly file: string;
  readonly text: string;
}

/** A hand-over, of which nothing is known but that it is an object. */
interface NamedHandOver {
  readonly file: string;
  readonly handOver: Readonly<Record<string, unknown>>;
}

/** The hand-over itself, or the event that carries it as data. @throws {Error} naming the file, never what is in it */
export function readHandOver(one: NamedText): NamedHandOver {
  const json = objectIn(one);
  const { data } = json;
  const handOver = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : json;
  return { file: one.file, handOver };
}

const WHY = {
  OTHER_KEY: 'it was sealed to another key than this one',
  NOT_SEALED: 'it is not sealed as Leasehold seals',
  BROKEN: 'it was altered on the way, or the key is no private key',
} as const;

/** Everything in `handOvers`, in order. @throws {Error} naming the file and what it holds, never a secret */
export async function openHandOvers(
  handOvers: readonly NamedHandOver[],
  keyText: string,
): Promise<readonly Secret[]> {
  const key = objectIn({ file: 'the key', text: keyText }) as unknown as PublicKey;
  if (typeof key.kty !== 'string' || !('d' in key)) throw new Error('the key is no private key in JWK form');
  const sealed = handOvers.flatMap((one) => sealedIn(one).map((item) => ({ ...item, file: one.file })));
  if (sealed.length === 0) throw new Error('nothing in there is sealed');
  const secrets: Secret[] = [];
  for (const { about, jwe, file } of sealed) {
    const opened = await open(jwe, key);
    if (!opened.ok) throw new Error(`${about} in ${file} cannot be opened: ${WHY[opened.why]}`);
    secrets.push(opened.secret);
  }
  return secrets;
}

/** Of what came in parts, those that are not among `handOvers`, a line a contract. */
export function missingParts(handOvers: readonly NamedHandOver[]): readonly string[] {
  const parts = handOvers.map(({ handOver }) => {
    const { contractId, part } = handOver as Partial<Pick<DeliveryPart, 'contractId' | 'part'>>;
    return { contractId, number: Number(part?.number ?? 1), of: Number(part?.of ?? 1) };
  });
  const contracts = new Set(parts.map(({ contractId }) => contractId));
  return [...contracts].flatMap((contractId) => {
    const its = parts.filter((part) => part.contractId === contractId);
    // Whoever wrote the file may say anything; there are never more.
    const of = Math.min(Math.max(...its.map((part) => part.of)), MAX_PARTS);
    const missing = Array.from({ length: of }, (_, index) => index + 1).filter(
      (number) => !its.some((part) => part.number === number),
    );
    return missing.length === 0
      ? []
      : [`${contractId} came in ${of} parts, and part ${missing.join(', ')} is not among the files`];
  });
}

function sealedIn({
  handOver: { sealed },
}: NamedHandOver): readonly { readonly about: string; readonly jwe: string }[] {
  const list = Array.isArray(sealed) ? sealed : [];
  return list.map((item: Record<string, unknown> | null) => ({
    about: String(item?.['about'] ?? 'something'),
    jwe: String(item?.['jwe'] ?? ''),
  }));
}

function objectIn({ file, text }: NamedText): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    // The parser quotes what it reads, and this may be a key.
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${file} is not a JSON object`);
}
