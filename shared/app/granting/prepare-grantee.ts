/** Step PrepareGrantee: sets up, in the grantee's account, whom the request names there. In self-service nothing is touched. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { requireApproval } from '../approval/require-approval.js';
import { stillAmending } from '../changing/amend-access.js';
import { prepareSide } from '../grantee/prepare-side.js';
import type { StepInput, StepOutput } from '../inbound/step-input.js';
import { appendWhenever, loadContract } from '../register/register.js';
import { beginGranting, stillOurTurn } from './grant-access.js';

const BY = 'prepare-grantee';

/**
 * For a request or an amendment, whichever `epoch` names, before anything is made or changed in the owner's account: a role that
 * names a user needs it to exist, and a user whom nothing lets in yet opens nothing. May run twice.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`, `NOT_APPROVED`, `GRANTEE_CLOSED`, `GRANTEE_CHANGED`, `QUOTA`
 */
export async function prepareGrantee(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  try {
    if (input.epoch === contract.epoch) await prepareRequest(stillOurTurn(contract, input.epoch), ports);
    else if (contract.terms?.seq !== input.epoch) await prepareAmendment(contract, input.epoch, ports);
  } catch (error) {
    await recordHindrance(contract, input.epoch, error, ports);
    throw error;
  }
  return input;
}

/** What a person at the grantee's side has to mend: a flow hands on an error's class only. */
const HINDRANCES: ReadonlySet<string> = new Set(['GRANTEE_CLOSED', 'GRANTEE_CHANGED', 'QUOTA']);

async function recordHindrance(contract: Contract, of: number, error: unknown, ports: Ports): Promise<void> {
  if (!(error instanceof BrokenPromiseError) || !HINDRANCES.has(error.code)) return;
  const { code, message } = error;
  await appendWhenever(
    await loadContract(contract.contractId, ports.evidence),
    { kind: 'grantee-hindered', data: { of, code, message } },
    BY,
    ports,
    ({ hindrance, epoch }) => epoch === contract.epoch && (hindrance?.of !== of || hindrance.code !== code),
  );
}

async function prepareRequest(admitted: Contract, ports: Ports): Promise<void> {
  const { terms } = admitted;
  if (terms === undefined) return;
  await requireApproval(admitted, terms, ports);
  const contract = await beginGranting(admitted, ports);
  const isStillOurs = (now: Contract) => stillOurTurn(now, contract.epoch);
  await prepareSide({ contract, terms, by: BY, ports, isStillOurs });
}

async function prepareAmendment(contract: Contract, epoch: number, ports: Ports): Promise<void> {
  const amendment = stillAmending(contract, epoch);
  await requireApproval(contract, amendment, ports);
  const isStillOurs = (now: Contract) => {
    stillAmending(now, epoch);
    return now;
  };
  await prepareSide({ contract, terms: amendment, by: BY, ports, isStillOurs });
}
