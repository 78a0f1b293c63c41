import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { compilePolicies, evaluate } from '../../shared/policy/index.js';
import {
  describeGrant,
  grantIssues,
  grantNeighbours,
  grantProbes,
  grantRefused,
  grantRights,
  grantStatements,
  grantsRefused,
  guardedActions,
} from '../../shared/services/index.js';
import type { Right } from '../../shared/services/types.js';
import { OWNER, validGrant } from './grants.js';
import { allowing, formsOf, judgeOf, tableNameOf, tableOf } from './judging.js';

const RUNS = { numRuns: 400 };
const holds = (law: (grant: ResourceGrant) => void): void => fc.assert(fc.property(validGrant, law), RUNS);

/** Rights on forms that no table prints: composed, each for a reason written beside it in its product's file. */
const COMPOSED = ['eventbridge:PutEvents', 'mq:QueryConsumerStatus'];

describe('any valid grant', () => {
  it('allows every right that it promises', () => {
    holds((grant) => {
      const allows = judgeOf(grant);
      expect(grantRights(grant, OWNER).filter((right) => !allows(right))).toEqual([]);
    });
  });

  it('allows nothing that it must refuse', () => {
    holds((grant) => {
      expect(grantRefused(grant, OWNER).filter(judgeOf(grant))).toEqual([]);
    });
  });

  it('promises something, and refuses something', () => {
    holds((grant) => {
      expect(grantRights(grant, OWNER)).not.toEqual([]);
      expect(grantRefused(grant, OWNER)).not.toEqual([]);
    });
  });

  it('promises each of its actions at least once', () => {
    holds((grant) => {
      const promised = new Set(grantRights(grant, OWNER).map(({ action }) => action));
      expect(
        grantStatements(grant, OWNER).flatMap(({ actions }) => actions.filter((one) => !promised.has(one))),
      ).toEqual([]);
    });
  });

  it('holds no action that the guard denies', () => {
    const guard = compilePolicies([{ name: 'guard', document: allowing(guardedActions) }]);
    holds((grant) => {
      const denied = ({ action, resource }: Right) =>
        evaluate(guard, { action, resource, context: {} }).verdict === 'Allow';
      expect(grantRights(grant, OWNER).filter(denied)).toEqual([]);
    });
  });

  it('has nothing checked on everything where it is for a resource group: what is in no group is allowed by none', () => {
    const grouped = validGrant
      .map((grant) => ({ ...grant, resourceGroupId: 'rg-1' }))
      .filter((grant) => grantIssues(grant).length === 0);
    fc.assert(
      fc.property(grouped, (grant) => {
        expect(grantStatements(grant, OWNER).flatMap(({ resources }) => resources)).not.toContain('*');
      }),
      RUNS,
    );
  });

  it('names every action and resource exactly: no wildcard in an action, in a region, in an account or at the end of an id', () => {
    holds((grant) => {
      for (const { actions, resources } of grantStatements(grant, OWNER)) {
        expect(actions.length).toBeGreaterThan(0);
        expect(resources.length).toBeGreaterThan(0);
        expect(actions.filter((action) => /[*?]/.test(action))).toEqual([]);
        for (const resource of resources.filter((one) => one !== '*')) {
          const [acs, code, region, account, ...rest] = resource.split(':');
          expect([acs, region, account]).toEqual(['acs', grant.region, OWNER]);
          expect(code).toMatch(/^(alikafka|amqp|mq|rocketmq|eventbridge|slb|alb|nlb|ecs)$/);
          expect(rest.join(':')).not.toMatch(/[^/]\*|\*.|\?|\$\{/);
        }
      }
    });
  });

  it('says in words why, wherever a resource is everything', () => {
    holds((grant) => {
      const everything = grantStatements(grant, OWNER).filter(({ resources }) => resources.includes('*'));
      expect(
        everything.filter(
          ({ unavoidablyWider, resources }) => unavoidablyWider === undefined || resources.length > 1,
        ),
      ).toEqual([]);
    });
  });

  it("uses only actions of the product's own table", () => {
    holds((grant) => {
      const known = tableOf(tableNameOf(grant)).actions;
      expect(
        grantStatements(grant, OWNER).flatMap(({ actions }) =>
          actions.filter((action) => !(action in known)),
        ),
      ).toEqual([]);
    });
  });

  it('promises rights in the resource forms that the table documents', () => {
    holds((grant) => {
      const misfits = grantRights(grant, OWNER).filter(({ action, resource }) => {
        // Backends are checked on the ECS instance too, which another product's table would print.
        const forms = formsOf(tableNameOf(grant), action);
        return forms.length > 0 && !COMPOSED.includes(action) && !forms.some((form) => form.test(resource));
      });
      expect(misfits).toEqual([]);
    });
  });

  it('holds an action of a load balancer on each kind of resource that the table checks it on', () => {
    const kindOf = (arn: string): string => arn.split(':').slice(4).join(':').split('/')[0] ?? '';
    holds((grant) => {
      if (grant.service !== 'slb') return;
      const { arns, actions } = tableOf(grant.kind);
      const held = grantStatements(grant, OWNER).flatMap((one) =>
        one.actions.flatMap((action) => one.resources.map((resource) => `${action} on ${kindOf(resource)}`)),
      );
      const wanted = [...new Set(held.map((line) => line.split(' ')[0] ?? ''))].flatMap((action) =>
        (actions[action]?.levels ?? []).map((level) => `${action} on ${kindOf(arns[level] ?? '')}`),
      );
      expect(wanted.filter((line) => !held.includes(line))).toEqual([]);
    });
  });

  it('reads only, when it is for reading', () => {
    holds((grant) => {
      if (grant.access !== 'read') return;
      const { actions } = tableOf(tableNameOf(grant));
      const held = grantStatements(grant, OWNER).flatMap((statement) => statement.actions);
      expect(held.filter((action) => actions[action]?.access === 'write')).toEqual([]);
      expect(
        held.filter((action) =>
          /Sasl|StaticAccount|InstanceAccount|Message|BasicGet|BasicConsume|:SUB$|GetRule|Targets/.test(
            action,
          ),
        ),
      ).toEqual([]);
    });
  });

  it('is probed only for what it promises', () => {
    holds((grant) => {
      const allows = judgeOf(grant);
      expect(
        grantProbes(grant, OWNER).flatMap(({ proves }) => proves.filter((right) => !allows(right))),
      ).toEqual([]);
    });
  });

  it('is refused at each neighbour by the resource, not for want of the action', () => {
    holds((grant) => {
      const allows = judgeOf(grant);
      const probed = new Set(
        grantProbes(grant, OWNER).flatMap(({ proves }) => proves.map(({ action }) => action)),
      );
      for (const search of grantNeighbours(grant, OWNER)) {
        const { proves } = search.probe('neighbour');
        expect(proves.filter(({ action }) => !probed.has(action))).toEqual([]);
        expect(proves.some((right) => !allows(right))).toBe(true);
      }
    });
  });

  it('is probed by calls in its own region that only read', () => {
    holds((grant) => {
      const calls = [
        ...grantProbes(grant, OWNER).map(({ call }) => call),
        ...grantNeighbours(grant, OWNER).flatMap(({ list, probe }) => [list, probe('neighbour').call]),
      ];
      expect(calls.filter(({ region }) => region !== grant.region)).toEqual([]);
      expect(
        calls.filter(
          ({ action }) => !/^(Get|List|Describe|Ons(Instance|Topic|Group)\w*(List|Info)$)/.test(action),
        ),
      ).toEqual([]);
    });
  });

  it('is described in one line that names its region', () => {
    holds((grant) => {
      expect(describeGrant(grant)).toContain(`(${grant.region})`);
      expect(describeGrant(grant)).not.toContain('\n');
    });
  });
});

describe('any contract of valid grants', () => {
  it('refuses nothing that one of its grants gives, and keeps what none gives', () => {
    fc.assert(
      fc.property(fc.array(validGrant, { minLength: 1, maxLength: 5 }), (grants) => {
        const refused = grantsRefused(grants, OWNER);
        expect(refused.filter(judgeOf(...grants))).toEqual([]);
        const given = judgeOf(...grants);
        expect(refused).toEqual(
          grants.flatMap((grant) => grantRefused(grant, OWNER)).filter((right) => !given(right)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('a name with a character that means something in an ARN or a pattern', () => {
  const FIELDS = [
    'instanceId',
    'topics',
    'groups',
    'virtualHosts',
    'exchanges',
    'queues',
    'eventBus',
    'loadBalancerIds',
    'ecsInstanceIds',
    'serverGroupIds',
  ];

  it('is refused at its place, wherever it stands', () => {
    const bad = fc
      .tuple(
        fc.stringMatching(/^[a-z]{0,3}$/),
        fc.constantFrom('*', '?', '%', ':', '/', '${', ' ', '\n', '"', 'é'),
        fc.stringMatching(/^[a-z]{0,3}$/),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(validGrant, bad, fc.nat(), (grant, name, pick) => {
        const fields = FIELDS.filter((field) => field in grant);
        const field = fields[pick % fields.length]!;
        const isList = Array.isArray((grant as unknown as Record<string, unknown>)[field]);
        const spoilt = { ...grant, [field]: isList ? ['fine', name] : name } as ResourceGrant;
        expect(grantIssues(spoilt)).toContainEqual(
          expect.objectContaining({ code: 'BAD_NAME', pointer: isList ? `/${field}/1` : `/${field}` }),
        );
      }),
      RUNS,
    );
  });
});
