/** Step ReportRevoked: the end with its proof, in the register and to the world. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isBeingTakenBack } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { type EndInput, type EndOutput, endingOf, NOTHING_TO_END } from '../inbound/step-input.js';
import { dropIndex, tellWatched, watchClosed } from '../register/index-entries.js';
import { appendWhenever, loadContract } from '../register/register.js';
import { announce } from '../telling/outbound.js';
import { reportTakenBack } from '../telling/report-failure.js';

/**
 * Records `ended` once cut and removal were both seen. May run twice.
 * @throws {BrokenPromiseError} `STILL_REACHABLE` when either is missing from the register
 */
export async function reportRevoked(input: EndInput, ports: Ports): Promise<EndOutput> {
  if (input.contractId === undefined) return NOTHING_TO_END;
  const loaded = await loadContract(input.contractId, ports.evidence);
  // What a failed onboarding had left is gone; that it failed was told.
  if (loaded.state === 'failed') return endingOf(input.contractId);
  if (isBeingTakenBack(loaded)) {
    await reportTakenBack(loaded, ports);
    return endingOf(input.contractId);
  }
  const watched = { outcome: 'end', begun: loaded.removed?.at ?? ports.clock.now() } as const;
  await tellWatched(loaded, watched, async () => tellRevoked(await recordEnd(loaded, ports), ports), ports);
  return endingOf(input.contractId);
}

/** As `reportRevoked`, but tells nobody yet. May run twice. */
export async function recordEnd(loaded: Contract, ports: Ports): Promise<Contract> {
  const contract = await end(loaded, ports);
  // The first look at what is closed is due before the last entry that would lead to it goes.
  if (contract.ended !== undefined) await watchClosed(contract, contract.ended.at, ports);
  await dropIndex(contract, ports);
  const { contractId, cut } = contract;
  ports.log.info({ contractId, timeToDenySeconds: cut?.timeToDenySeconds }, 'ended');
  return contract;
}

/** Announces an end that is recorded. May run twice, and by whomever: the same end has the same id. */
export async function tellRevoked(contract: Contract, ports: Pick<Ports, 'events' | 'clock'>): Promise<void> {
  await announce('partner.access.revoked', contract, proofOf(contract), ports, contract.ended?.seq);
}

async function end(contract: Contract, ports: Ports): Promise<Contract> {
  if (contract.state === 'ended') return contract;
  const { ending, cut, removed } = contract;
  if (ending === undefined || cut === undefined || removed === undefined) {
    throw new BrokenPromiseError(
      'STILL_REACHABLE',
      `contract ${contract.contractId} was not seen to be cut and removed`,
    );
  }
  const data = { reason: ending.reason, detail: ending.detail };
  const isSeen = (now: Contract) =>
    now.state === 'ending' && now.cut !== undefined && now.removed !== undefined;
  return appendWhenever(contract, { kind: 'ended', data }, 'report-revoked', ports, isSeen);
}

function proofOf({
  ended,
  ending,
  cut,
  removed,
  granteeSide,
  appeared,
}: Contract): Readonly<Record<string, unknown>> {
  const sideDoors = [...(cut?.sideDoors ?? []), ...(removed?.sideDoors ?? [])];
  return {
    reason: ended?.reason,
    detail: ended?.detail,
    by: ending?.by,
    endingSince: ending?.at,
    cutAt: cut?.at,
    removedAt: removed?.at,
    timeToDenySeconds: cut?.timeToDenySeconds ?? 'n/a',
    witness: cut?.witness,
    tokenDeath: removed?.tokenDeath,
    unseen: cut?.unseen ?? [],
    foreign: removed?.foreign ?? [],
    leftBehind: granteeSide.leftBehind,
    ...(appeared === undefined ? {} : { appeared: appeared.appeared, notCompared: appeared.unseen }),
    ...(sideDoors.length === 0 ? {} : { sideDoors }),
  };
}
