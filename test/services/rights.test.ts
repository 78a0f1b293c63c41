import { describe, expect, it } from 'vitest';
import type { ResourceGrant, SlbGrant } from '../../shared/domain/grant.js';
import { grantIssues, grantRefused, grantRights, grantStatements } from '../../shared/services/index.js';
import { beside, longer, rightsOn } from '../../shared/services/rights.js';
import { eventbridge, kafka, OWNER, rabbitmq, rocketmq4, rocketmq5, slb } from './grants.js';
import { linesOf, type TableName, tableOf } from './judging.js';
import table from './rights.json' with { type: 'json' };

/** Actions without their prefix, by resource; a resource is `*`, or `code:rest` of its ARN. */
type Actions = Readonly<Record<string, string | readonly string[]>>;
interface Level {
  readonly grant: object;
  readonly allows: Actions;
  /** A part of each reason why a statement reaches further than the grant. */
  readonly wider?: readonly string[];
  readonly refuses: Actions;
}
interface Rights {
  readonly prefix: string;
  /** Refused at every level. */
  readonly never: Actions;
  readonly levels: readonly Level[];
}

/** The product has a call of this name, which its table of actions does not print. */
const UNPRINTED = ['eventbridge:ListTargets'];

const balancer = (kind: SlbGrant['kind']) => (own: object) => slb({ kind, ...own });
const BUILDERS: Readonly<Record<TableName, (own: object) => ResourceGrant>> = {
  kafka,
  rabbitmq,
  rocketmq4,
  rocketmq5,
  eventbridge,
  clb: balancer('clb'),
  alb: balancer('alb'),
  nlb: balancer('nlb'),
};

const linesIn = (prefix: string, ...lists: readonly Actions[]): readonly string[] =>
  lists
    .flatMap((list) =>
      Object.entries(list).flatMap(([resource, actions]) =>
        [actions]
          .flat()
          .flatMap((some) => some.split(' '))
          .map((action) => `${prefix}:${action} on ${resource}`),
      ),
    )
    .sort();

const rows = (Object.entries(table) as [TableName, Rights][]).flatMap(([name, { prefix, never, levels }]) =>
  levels.map((level) => [name, JSON.stringify(level.grant), { ...level, prefix, never, name }] as const),
);

describe.each(rows)('%s %s', (_name, _grant, { name, prefix, never, ...level }) => {
  const grant = BUILDERS[name](level.grant);

  it('is valid', () => {
    expect(grantIssues(grant)).toEqual([]);
  });

  it('allows exactly the rights of its row', () => {
    const given = grantStatements(grant, OWNER).flatMap(({ actions, resources }) =>
      resources.flatMap((resource) => actions.map((action) => ({ action, resource }))),
    );
    expect(linesOf(given)).toEqual(linesIn(prefix, level.allows));
  });

  it('says why, wherever it reaches further', () => {
    expect(grantStatements(grant, OWNER).flatMap(({ unavoidablyWider }) => unavoidablyWider ?? [])).toEqual(
      (level.wider ?? []).map((part) => expect.stringContaining(part)),
    );
  });

  it('is seen to be refused exactly the rights of its row, and those of every level', () => {
    expect(linesOf(grantRefused(grant, OWNER))).toEqual(linesIn(prefix, never, level.refuses));
  });

  it("is refused only what the product's own table knows", () => {
    const known = [...Object.keys(tableOf(name).actions), ...UNPRINTED];
    expect(grantRefused(grant, OWNER).filter(({ action }) => !known.includes(action))).toEqual([]);
  });
});

describe('the rights that tell whether a statement stands', () => {
  it('are all its actions on the first resource, and the first action on each other', () => {
    expect(rightsOn(['p:A', 'p:B'], ['one', 'two', 'three'])).toEqual([
      { action: 'p:A', resource: 'one' },
      { action: 'p:B', resource: 'one' },
      { action: 'p:A', resource: 'two' },
      { action: 'p:A', resource: 'three' },
    ]);
    expect(rightsOn(['p:A'], [])).toEqual([]);
    expect(rightsOn([], ['one', 'two'])).toEqual([]);
  });

  it('are so for all virtual hosts of RabbitMQ together', () => {
    const below = (vhost: string) =>
      linesOf(grantRights(rabbitmq({ virtualHosts: ['shop', 'web'] }), OWNER)).filter((line) =>
        line.includes(`/vhosts/${vhost}/`),
      );
    const host = 'amqp:/instances/amqp-cn-x1/vhosts';
    expect(below('shop')).toEqual([
      `amqp:GetExchange on ${host}/shop/exchanges/*`,
      `amqp:GetQueue on ${host}/shop/queues/*`,
      `amqp:ListExchange on ${host}/shop/exchanges/*`,
      `amqp:ListQueue on ${host}/shop/queues/*`,
    ]);
    expect(below('web')).toEqual([`amqp:ListExchange on ${host}/web/exchanges/*`]);
  });
});

describe('the name of a neighbour', () => {
  it('begins with the name beside it, and is none that is granted too', () => {
    expect(longer('lb-1')).toBe('lb-10');
    expect(longer('lb-1', ['lb-10', 'lb-100'])).toBe('lb-1000');
    expect(beside(['lb-1', 'lb-10', 'lb-2'])).toEqual(['lb-100', 'lb-100', 'lb-20']);
  });
});
