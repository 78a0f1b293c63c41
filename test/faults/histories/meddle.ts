/** What people do to a contract's role by hand, at the console. */
import { ApiError } from '../../../shared/loopback/kernel.js';
import { addEve, WIDE } from '../../support/drift-stage.js';
import { roleOf, type Stage } from '../sweep/stage.js';

type Deed = (asOwner: Stage['asOwner'], RoleName: string) => Promise<unknown>;

const HOWS = {
  'takes its policy off': (asOwner, RoleName) =>
    asOwner('DetachPolicyFromRole', { PolicyType: 'Custom', PolicyName: `${RoleName}-1`, RoleName }),
  'gives it a wide one besides': (asOwner, RoleName) =>
    asOwner('AttachPolicyToRole', { PolicyType: 'System', PolicyName: 'AliyunKafkaFullAccess', RoleName }),
  'rewrites its policy': (asOwner, RoleName) =>
    asOwner('CreatePolicyVersion', {
      PolicyName: `${RoleName}-1`,
      PolicyDocument: WIDE,
      SetAsDefault: 'true',
    }),
  'lets somebody else in': async (asOwner, RoleName) => {
    interface Got {
      readonly Role: { readonly AssumeRolePolicyDocument: string };
    }
    const { Role } = await asOwner<Got>('GetRole', { RoleName });
    const NewAssumeRolePolicyDocument = addEve(Role.AssumeRolePolicyDocument);
    return asOwner('UpdateRole', { RoleName, NewAssumeRolePolicyDocument });
  },
  'lifts a suspension': (asOwner, RoleName) =>
    asOwner('DetachPolicyFromRole', { PolicyType: 'Custom', PolicyName: 'leasehold-suspended', RoleName }),
} satisfies Record<string, Deed>;

export type Meddling = keyof typeof HOWS;
export const MEDDLINGS = Object.keys(HOWS) as readonly Meddling[];

/** Then somebody asks for a look at the contract. Where there is nothing to meddle with, nothing is done. */
export async function meddle({ asOwner, world }: Stage, id: string, how: Meddling): Promise<void> {
  try {
    await HOWS[how](asOwner, roleOf(id));
  } catch (error) {
    if (!(error instanceof ApiError && /^EntityNotExist/.test(error.code))) throw error;
  }
  const Input = JSON.stringify({ contractId: id });
  await asOwner('StartExecution', { FlowName: 'leasehold-reconciliation', Input }, '2019-03-15');
  await world.settle();
}
