/** What the steps of the flow `amendment` hand to each other. Ids only. */
import type { Suspension } from '../../domain/contract.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { ContractId } from '../../domain/values.js';
import { contractIdOf, parseObject, parseStepInput, type StepInput } from '../inbound/step-input.js';

export interface AmendOutput {
  readonly contractId: string;
  /** Sequence of the amendment that is to be carried out; 0 when it is something else. */
  readonly epoch: number;
  /** `prepare`: as `amend`, but the grantee's side is to be set up first. `end`: the lease was cut short to the past. `hand-over`: it is done, and not told yet. `finished`: nothing is left to do, or somebody must answer first. */
  readonly outcome: 'amend' | 'prepare' | 'suspend' | 'resume' | 'end' | 'hand-over' | 'finished';
  /** Which suspension is made or lifted; empty otherwise. */
  readonly suspension: string;
}

export interface SuspensionInput {
  readonly contractId: ContractId;
  readonly suspension: string;
}

export interface ChangeInput extends StepInput {
  /** The suspension that is lifted; `undefined` when the change is the amendment that `epoch` names. */
  readonly suspension: string | undefined;
}

export const finished = (contractId: string): AmendOutput => ({
  contractId,
  epoch: 0,
  outcome: 'finished',
  suspension: '',
});

/** Asked for, and refusal not seen yet. */
export const isOpenSuspension = ({ seen }: Suspension): boolean => seen === undefined;

/** @throws {InvalidRequestError} */
export function parseSuspensionInput(event: Buffer): SuspensionInput {
  const input = parseObject(event);
  const { suspension } = input;
  if (typeof suspension !== 'string' || suspension === '')
    throw new InvalidRequestError('BAD_EVENT', 'suspension is missing');
  return { contractId: contractIdOf(input), suspension };
}

/** @throws {InvalidRequestError} */
export function parseChangeInput(event: Buffer): ChangeInput {
  const { suspension } = parseObject(event);
  const isResumption = typeof suspension === 'string' && suspension !== '';
  return { ...parseStepInput(event), suspension: isResumption ? suspension : undefined };
}
