/** Users and roles that Leasehold sets up at the partner. */
import { expect } from 'vitest';
import { parseAccountId } from '../../../shared/domain/values.js';
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { amend } from '../changes.js';
import { holdFirst } from '../hold-first.js';
import { managedGrantee, usersThere } from '../managed.js';
import { kafkaGrant } from '../requests.js';
import { amended, ended, granted, hour, onBus, type Scenario } from './steps.js';

export const granteeScenarios: Readonly<Record<string, Scenario>> = {
  'a grantee whose users Leasehold sets up, comings and goings, and the end of them': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    await amended(world, id, { revision: 1, grantee: managedGrantee({ users: [user('bob')] }) });
    await hour(world);
    expect(await ended(world, id)).toMatchObject({ leftBehind: [] });
  },
  'a grantee whose joiner must leave again, since the amendment cannot be verified': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    await amend(world, id, {
      revision: 1,
      grantee: managedGrantee({ users: [user('etl'), user('eve')] }),
      grants: [kafkaGrant, { ...onBus, eventBus: 'no-such-bus' }],
    });
    await world.hear(id, 'failed');
    expect(await usersThere(world)).not.toContain(user('eve').logonName);
    await ended(world, id);
  },
  'a grantee whose joiner is made after its amendment has failed, and leaves again': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    const isIt = ({ action, params }: CallInfo) =>
      action === 'CreateUser' && JSON.stringify(params).includes(user('eve').logonName);
    const wasHeld = holdFirst(world, isIt, 90);
    await amend(world, id, {
      revision: 1,
      grantee: managedGrantee({ users: [user('etl'), user('eve')] }),
      grants: [kafkaGrant, { ...onBus, eventBus: 'no-such-bus' }],
    });
    await world.hear(id, 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    expect(await usersThere(world)).toContain(user('eve').logonName);
    await hour(world);
    expect(await usersThere(world)).not.toContain(user('eve').logonName);
    await ended(world, id);
  },
  'a grantee who has not let Leasehold in': async (world, id) => {
    const accountId = parseAccountId(`31${id.replace(/\D/g, '').padStart(14, '0')}`);
    await world.onboard(id, {
      grantee: { ...managedGrantee({ users: [{ logonName: 'etl', access: 'programmatic' }] }), accountId },
    });
    const { data } = await world.hear(id, 'rejected');
    expect(JSON.stringify(data)).toContain('PROVISIONING');
  },
};
