import { describe, expect, it } from 'vitest';
import { type ContractQuery, listContracts } from '../../../shared/app/register/list-contracts.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import {
  addSeconds,
  type ContractId,
  parseAccountId,
  parseContractId,
} from '../../../shared/domain/values.js';
import { chainOf, type Written } from '../../support/chains.js';
import { kafkaGrant, NOW, OWNER, PARTNER, REGION, request } from '../../support/requests.js';

const DAY = 86_400;
const OTHER = parseAccountId('3000000000000003');
const event = { source: 's', id: 'e', contentHash: 'c' };

interface Sample {
  readonly id: string;
  readonly partner?: typeof PARTNER;
  readonly days?: number;
  readonly ended?: boolean;
  readonly grants?: readonly Grant[];
}

const balancers: Grant = {
  service: 'slb',
  kind: 'nlb',
  access: 'operate',
  region: REGION,
  loadBalancerIds: ['lb-x1', 'lb-x2'],
  serverGroupIds: ['sgp-x1'],
  ecsInstanceIds: ['i-x1'],
};

/** Facts and index entries as admission, activation and an end leave them. */
function samplesOf(samples: readonly Sample[]) {
  const evidence = new Map<string, string>();
  const index: string[] = [];
  for (const { id, partner = PARTNER, days = 100, ended = false, grants = [kafkaGrant] } of samples) {
    const contractId = parseContractId(id);
    const expiresAt = addSeconds(NOW, days * DAY);
    const asked = request({
      contractId,
      grantee: { ...request().grantee, accountId: partner },
      lease: { startsAt: NOW, expiresAt },
      grants,
    });
    const facts: Written[] = [
      {
        kind: 'requested',
        data: { event, request: asked, owner: OWNER, roleName: roleNameOf(contractId), planHash: 'h' },
      },
      { kind: 'activated', data: { roleArn: 'r', proofs: [] } },
      ...(ended ? [{ kind: 'ended', data: { reason: 'expired', detail: '' } } as const] : []),
    ];
    for (const fact of chainOf(facts, contractId))
      evidence.set(`contracts/${id}/${String(fact.seq).padStart(8, '0')}.json`, JSON.stringify(fact));
    if (!ended)
      index.push(
        `grantees/${partner}/${id}`,
        `due/${expiresAt}/${id}/expiry`,
        `due/${addSeconds(NOW, DAY)}/${id}/warning-7`,
      );
  }
  index.push(`grantees/${PARTNER}/users/alice@b.example/${samples[0]?.id ?? 'x'}`);
  return { evidence, index: index.sort() };
}

function portsOver({ evidence, index }: ReturnType<typeof samplesOf>) {
  const calls: string[] = [];
  const list = async (prefix: string) => {
    calls.push(`evidence ${prefix}`);
    return [...evidence.keys()].filter((key) => key.startsWith(prefix)).sort();
  };
  const warned: object[] = [];
  const ports = {
    clock: { now: () => NOW },
    log: { info: () => undefined, warn: (fields: object) => void warned.push(fields) },
    evidence: {
      list,
      objects: async (prefix: string) => (await list(prefix)).map((key) => ({ key, holds: () => false })),
      read: async (key: string) => evidence.get(key),
    },
    index: {
      list: async (prefix: string, limit: number, after = '') => {
        calls.push(`index ${prefix}`);
        return index.filter((key) => key.startsWith(prefix) && key > after).slice(0, limit);
      },
    },
  } as unknown as Ports;
  return { ports, calls, warned };
}

const samples = samplesOf([
  { id: 'L-1' },
  {
    id: 'L-2',
    days: 10,
    grants: [kafkaGrant, { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' }],
  },
  { id: 'L-3', partner: OTHER, days: 5, grants: [{ systemPolicy: 'AliyunKafkaReadOnlyAccess' }] },
  { id: 'L-4', ended: true },
  { id: 'L-5', partner: OTHER, ended: true, grants: [balancers] },
]);
const idsOf = async (query: ContractQuery, over = samples) =>
  (await listContracts(query, portsOver(over).ports)).map(({ contractId }) => contractId as string);

describe('a list of contracts', () => {
  it.each([
    [{}, ['L-1', 'L-2', 'L-3']],
    [{ partner: PARTNER }, ['L-1', 'L-2']],
    [{ partner: OTHER }, ['L-3']],
    [{ endsBy: addSeconds(NOW, 30 * DAY) }, ['L-2', 'L-3']],
    [{ endsBy: addSeconds(NOW, 30 * DAY), partner: PARTNER }, ['L-2']],
    [{ state: 'active' }, ['L-1', 'L-2', 'L-3']],
    [{ state: 'suspended' }, []],
    [{ state: 'ended' }, ['L-4', 'L-5']],
    [{ state: 'ended', partner: OTHER }, ['L-5']],
    [{ state: 'any' }, ['L-1', 'L-2', 'L-3', 'L-4', 'L-5']],
    [{ about: 'orders' }, ['L-2', 'L-3']],
    [{ about: 'alikafka_pre-cn-x1' }, ['L-1', 'L-2', 'L-3']],
    [{ about: 'order' }, ['L-3']],
    [{ about: 'lb-x2' }, ['L-3']],
    [{ about: 'lb-x2', state: 'any' }, ['L-3', 'L-5']],
    [{ about: 'sgp-x1', state: 'any' }, ['L-3', 'L-5']],
    [{ about: 'i-x1', state: 'ended' }, ['L-5']],
    [{ partner: parseAccountId('9'.repeat(16)) }, []],
  ] as readonly (readonly [ContractQuery, readonly string[]])[])('asked for %j is %j', async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  it('of a partner costs one listing of his, and one look a contract', async () => {
    const { ports, calls } = portsOver(samples);
    await listContracts({ partner: PARTNER }, ports);
    expect(calls).toEqual([
      `index grantees/${PARTNER}/`,
      'evidence contracts/L-1/',
      'evidence contracts/L-2/',
    ]);
  });

  it('of what ends soon looks at that only', async () => {
    const { ports, calls } = portsOver(samples);
    await listContracts({ endsBy: addSeconds(NOW, 7 * DAY) }, ports);
    expect(calls).toEqual(['index due/', 'evidence contracts/L-3/']);
  });

  it('leaves out what another version may have put into the index', async () => {
    const alien = [`due/${NOW}/L-1/of-a-later-version`, 'due/0', `due/${addSeconds(NOW, DAY)}/-/expiry`];
    const { ports } = portsOver({ ...samples, index: [...samples.index, ...alien].sort() });
    const found = await listContracts({ endsBy: addSeconds(NOW, 7 * DAY) }, ports);
    expect(found.map(({ contractId }) => contractId)).toEqual(['L-3']);
  });

  it.each([
    [{}, ['L-1', 'L-2', 'L-3']],
    [{ state: 'ended' }, ['L-4', 'L-5']],
  ] as readonly (readonly [ContractQuery, readonly string[]])[])(
    'asked for %j passes over folders that somebody has made, and says so',
    async (query, ids) => {
      const folders = [`grantees/${PARTNER}/`, `grantees/${PARTNER}/not..an.id`];
      const evidence = new Map([...samples.evidence, ['contracts/', ''], ['contracts/-/x', '']]);
      const index = [...samples.index, ...folders].sort();
      const { ports, warned } = portsOver({ evidence, index });
      expect((await listContracts(query, ports)).map(({ contractId }) => contractId)).toEqual(ids);
      expect(warned).toMatchObject([{ keys: 2 }]);
    },
  );

  it('follows the index through its pages', async () => {
    const many = samplesOf(
      Array.from({ length: 1100 }, (_, index) => ({ id: `M-${String(index).padStart(4, '0')}` })),
    );
    expect(await idsOf({}, many)).toHaveLength(1100);
  });

  it('shows a contract whose register is broken, and the others all the same', async () => {
    const broken = { ...samples, evidence: new Map(samples.evidence) };
    broken.evidence.delete('contracts/L-1/00000001.json');
    const listed = await listContracts({ partner: PARTNER }, portsOver(broken).ports);
    expect(listed).toHaveLength(2);
    expect(listed[0]).toMatchObject({
      contractId: 'L-1' as ContractId,
      broken: expect.stringContaining('fact 1'),
    });
  });
});
