import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventbridgeGrant } from '../../shared/domain/grant.js';
import {
  type ObservedRoute,
  ROUTE_TARGET_ID,
  type Route,
  type RouteStep,
} from '../../shared/domain/route.js';
import { parseAccountId, parseContractId, parseRegion } from '../../shared/domain/values.js';
import {
  endText,
  granteeRole,
  planRoute,
  type RouteGoal,
  routesOf,
  routeText,
} from '../../shared/services/index.js';
import { eventbridge, kafka, OWNER, REGION, validGrant } from './grants.js';

const contractId = parseContractId('C-2026-0142');
const grantee = parseAccountId('2000000000000002');
const surroundings = { owner: OWNER, grantee, deadLetterBus: { region: REGION, name: 'letters' } };
const subscribing = (own: Partial<EventbridgeGrant> = {}) =>
  eventbridge({
    access: 'subscribe',
    target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in' },
    ...own,
  });
const routeOf = (grant: EventbridgeGrant, of = contractId): Route => routesOf(of, [grant], surroundings)[0]!;

const stepsTo = (
  goal: RouteGoal,
  wanted: Route,
  observed: ObservedRoute | undefined,
  isIntended = true,
): readonly RouteStep[] => {
  const plan = planRoute(wanted, observed, goal, { isIntended });
  if (plan.outcome === 'refused') throw new Error(plan.reasons.map(({ code }) => code).join());
  return plan.steps;
};
const kinds = (steps: readonly RouteStep[]) => steps.map(({ kind }) => kind);
/** A rule as the plan makes it. */
const made = (route: Route, isEnabled = true): NonNullable<ObservedRoute['rule']> => ({
  pattern: route.pattern,
  isEnabled,
  targets: [
    {
      id: ROUTE_TARGET_ID,
      to: route.to,
      retries: 'briefly',
      ...(route.deadLetters === undefined ? {} : { deadLetters: route.deadLetters }),
    },
  ],
});

describe('the rule that a subscription means', () => {
  it('leads to a bus of the grantee and of nobody else, by a role there', () => {
    const route = routeOf(subscribing());
    expect(route.to).toEqual({
      kind: 'bus',
      accountId: grantee,
      region: REGION,
      eventBus: 'inbox',
      roleName: 'let-in',
    });
    expect(granteeRole(route, OWNER)).toEqual({
      roleName: 'let-in',
      systemPolicy: 'AliyunEventBridgePutEventsPolicy',
      trust: `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["${OWNER}@eventbridge.aliyuncs.com"]}}]}`,
    });
  });

  it('leads to an address, which needs nothing of the grantee', () => {
    const route = routeOf(subscribing({ target: { type: 'https', url: 'https://globex.example/in' } }));
    expect(route.to).toEqual({ kind: 'https', url: 'https://globex.example/in' });
    expect(granteeRole(route, OWNER)).toBeUndefined();
  });

  it('takes the events that were chosen, or all of them', () => {
    expect(routeOf(subscribing()).pattern).toBe('{}');
    const events = { sources: ['shop', 'web'], types: ['order:Placed'] };
    expect(routeOf(subscribing({ events })).pattern).toBe(
      '{"source":["shop","web"],"type":["order:Placed"]}',
    );
  });

  it('has dead letters where there is a bus for them, in its own region', () => {
    expect(routeOf(subscribing()).deadLetters).toBe(`acs:eventbridge:${REGION}:${OWNER}:eventbus/letters`);
    expect(routeOf(subscribing({ region: parseRegion('eu-central-1') })).deadLetters).toBeUndefined();
  });

  it('has another name for another contract or for any change of the grant', () => {
    const names = [
      routeOf(subscribing()),
      routeOf(subscribing(), parseContractId('C-2')),
      routeOf(subscribing({ eventBus: 'invoices' })),
      routeOf(subscribing({ events: { types: ['t'] } })),
      routeOf(subscribing({ target: { type: 'bus', eventBus: 'inbox', roleName: 'other' } })),
    ].map(({ rule }) => rule);
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^lh-[0-9a-f]{16}$/);
  });

  it('is one for a grant that is named twice, and none for other grants', () => {
    const grants = [subscribing(), subscribing(), kafka(), eventbridge({ access: 'publish' })];
    expect(routesOf(contractId, grants, surroundings)).toHaveLength(1);
    expect(routesOf(contractId, [{ systemPolicy: 'AliyunEventBridgeReadOnlyAccess' }], surroundings)).toEqual(
      [],
    );
  });

  it('is another one on another bus, in another region and to another end', () => {
    const grants = [
      subscribing(),
      subscribing({ eventBus: 'invoices' }),
      subscribing({ region: parseRegion('eu-central-1') }),
      subscribing({ target: { type: 'https', url: 'https://globex.example/in' } }),
    ];
    expect(routesOf(contractId, grants, surroundings)).toHaveLength(4);
  });

  it('has no dead letters where there is no bus for them', () => {
    expect(routesOf(contractId, [subscribing()], { owner: OWNER, grantee })[0]?.deadLetters).toBeUndefined();
  });

  it('says in its description whose it is', () => {
    expect(routeOf(subscribing()).description).toContain('contract C-2026-0142');
  });
});

describe('a route in words', () => {
  const toBus = subscribing();
  const toAddress = (url: string) => subscribing({ target: { type: 'https', url } });

  it.each([
    [toBus, 'bus inbox of account 2000000000000002, as its role let-in'],
    // The path may be as good as a password.
    [toAddress('https://globex.example/secret'), 'an endpoint on globex.example'],
    [toAddress('https://globex.example:8443/in'), 'an endpoint on globex.example:8443'],
    [toAddress('https://globex.example?token=x'), 'an endpoint on globex.example'],
    [toAddress('https://globex.example#x'), 'an endpoint on globex.example'],
    [toAddress('redis://https://globex.example'), 'an endpoint on the internet'],
  ])('names the end of %o', (grant, text) => {
    expect(endText(routeOf(grant).to)).toBe(text);
  });

  it('names the events, the bus and its region', () => {
    const end = 'bus inbox of account 2000000000000002, as its role let-in';
    expect(routeText(routeOf(toBus))).toBe(`all events of bus orders (cn-hangzhou) to ${end}`);
    expect(routeText(routeOf(subscribing({ events: { types: ['t'] } })))).toBe(
      `events {"type":["t"]} of bus orders (cn-hangzhou) to ${end}`,
    );
  });
});

describe('opening, pausing and ending a route', () => {
  const wanted = routeOf(subscribing());

  it('makes the rule switched off, and switches it on last', () => {
    expect(stepsTo('open', wanted, {})).toEqual([
      { kind: 'createRule' },
      { kind: 'setEnabled', isEnabled: true },
    ]);
    expect(stepsTo('open', wanted, { rule: made(wanted, false) })).toEqual([
      { kind: 'setEnabled', isEnabled: true },
    ]);
  });

  it('puts right what drifted', () => {
    const rule = made(wanted);
    const [target] = rule.targets;
    for (const [change, expected] of [
      [{ pattern: '{"type":["other"]}' }, ['setPattern']],
      [{ pattern: 'no json' }, ['setPattern']],
      [{ pattern: ' { } ' }, []],
      [{ targets: [] }, ['putTarget']],
      [{ targets: [{ ...target!, to: { kind: 'https', url: 'https://evil.example' } }] }, ['putTarget']],
      [{ targets: [{ id: ROUTE_TARGET_ID, retries: 'briefly' }] }, ['putTarget']],
      [{ targets: [{ ...target!, retries: 'for-a-day' }] }, ['putTarget']],
      [{ targets: [{ ...target!, deadLetters: 'elsewhere' }] }, ['putTarget']],
    ] as const)
      expect(kinds(stepsTo('open', wanted, { rule: { ...rule, ...change } }))).toEqual(expected);
  });

  it('is prepared without ever being on: made switched off, or switched off before anything about it changes', () => {
    expect(kinds(stepsTo('prepared', wanted, {}))).toEqual(['createRule']);
    expect(stepsTo('prepared', wanted, { rule: made(wanted, false) })).toEqual([]);
    expect(stepsTo('prepared', wanted, { rule: { ...made(wanted), pattern: '{"type":["x"]}' } })).toEqual([
      { kind: 'setEnabled', isEnabled: false },
      { kind: 'setPattern', isEnabled: false },
    ]);
    expect(() => stepsTo('prepared', wanted, { rule: made(wanted) }, false)).toThrow('NAME_TAKEN');
  });

  it('switches off first when it ends, and leaves neither target nor rule', () => {
    expect(stepsTo('gone', wanted, { rule: made(wanted) })).toEqual([
      { kind: 'setEnabled', isEnabled: false },
      { kind: 'removeTargets', ids: [ROUTE_TARGET_ID] },
      { kind: 'deleteRule' },
    ]);
    expect(stepsTo('suspended', wanted, { rule: made(wanted) })).toEqual([
      { kind: 'setEnabled', isEnabled: false },
    ]);
  });

  it('does not mind a bus that is gone when it ends, but does when it opens', () => {
    expect(stepsTo('gone', wanted, undefined)).toEqual([]);
    expect(() => stepsTo('open', wanted, undefined)).toThrow('NO_BUS');
    expect(() => stepsTo('prepared', wanted, undefined)).toThrow('NO_BUS');
  });

  it('says in whole what it leads to: steps, or reasons that name the bus', () => {
    const own = { isIntended: true };
    expect(planRoute(wanted, {}, 'open', own)).toEqual({
      outcome: 'steps',
      steps: [{ kind: 'createRule' }, { kind: 'setEnabled', isEnabled: true }],
      foreign: [],
    });
    expect(planRoute(wanted, { rule: made(wanted) }, 'open', own)).toEqual({
      outcome: 'steps',
      steps: [],
      foreign: [],
    });
    for (const goal of ['gone', 'suspended'] as const) {
      const nothing = { outcome: 'steps', steps: [], foreign: [] };
      expect(planRoute(wanted, undefined, goal, own)).toEqual(nothing);
      expect(planRoute(wanted, {}, goal, own)).toEqual(nothing);
      expect(planRoute(wanted, { rule: made(wanted) }, goal, own)).toMatchObject({ outcome: 'steps' });
    }
    expect(planRoute(wanted, undefined, 'open', own)).toMatchObject({
      reasons: [{ message: expect.stringContaining('bus orders (cn-hangzhou)') }],
    });
    expect(planRoute(wanted, { rule: made(wanted) }, 'open', { isIntended: false })).toMatchObject({
      reasons: [{ message: expect.stringContaining(`bus orders has a rule ${wanted.rule}`) }],
    });
  });

  it('removes no target from a rule that has none', () => {
    const rule = { ...made(wanted, false), targets: [] };
    expect(stepsTo('gone', wanted, { rule })).toEqual([{ kind: 'deleteRule' }]);
  });

  it('touches no rule that bears the name without our intent', () => {
    expect(() => stepsTo('open', wanted, { rule: made(wanted) }, false)).toThrow('NAME_TAKEN');
    expect(stepsTo('gone', wanted, { rule: made(wanted) }, false)).toEqual([]);
    expect(stepsTo('suspended', wanted, { rule: made(wanted) }, false)).toEqual([]);
  });

  it('tells of targets that someone else put on the rule', () => {
    const rule = {
      ...made(wanted),
      targets: [...made(wanted).targets, { id: 'copy', retries: 'briefly' } as const],
    };
    expect(planRoute(wanted, { rule }, 'open', { isIntended: true })).toMatchObject({
      steps: [],
      foreign: ['copy'],
    });
    expect(stepsTo('gone', wanted, { rule })).toContainEqual({
      kind: 'removeTargets',
      ids: [ROUTE_TARGET_ID, 'copy'],
    });
  });
});

describe('the steps of any route', () => {
  const grant = validGrant.filter(
    (one): one is EventbridgeGrant => one.service === 'eventbridge' && one.target !== undefined,
  );
  const target = fc.record(
    {
      id: fc.constantFrom(ROUTE_TARGET_ID, 'copy'),
      to: fc.constant({ kind: 'https' as const, url: 'https://elsewhere.example' }),
      deadLetters: fc.constant('elsewhere'),
      retries: fc.constantFrom('briefly' as const, 'for-a-day' as const),
    },
    { requiredKeys: ['id', 'retries'] },
  );
  const observed: fc.Arbitrary<ObservedRoute> = fc.record(
    {
      rule: fc.record({
        pattern: fc.constantFrom('{}', '{"type":["x"]}', ''),
        isEnabled: fc.boolean(),
        targets: fc.uniqueArray(target, { selector: ({ id }) => id }),
      }),
    },
    { requiredKeys: [] },
  );
  const goal = fc.constantFrom<RouteGoal>('prepared', 'open', 'suspended', 'gone');

  function doing(there: ObservedRoute, route: Route, step: RouteStep): ObservedRoute {
    const { rule } = there;
    if (step.kind === 'createRule') {
      if (rule !== undefined) throw new Error('made over a rule that is there');
      return { rule: made(route, false) };
    }
    if (rule === undefined) throw new Error(`${step.kind} without a rule`);
    switch (step.kind) {
      case 'setPattern':
        return { rule: { ...rule, pattern: route.pattern, isEnabled: step.isEnabled } };
      case 'putTarget': {
        const others = rule.targets.filter(({ id }) => id !== ROUTE_TARGET_ID);
        return { rule: { ...rule, targets: [...others, ...made(route).targets] } };
      }
      case 'setEnabled':
        return { rule: { ...rule, isEnabled: step.isEnabled } };
      case 'removeTargets':
        return { rule: { ...rule, targets: rule.targets.filter(({ id }) => !step.ids.includes(id)) } };
      case 'deleteRule':
        if (rule.targets.length > 0) throw new Error('deleted a rule that has targets');
        return {};
    }
  }

  it('converge from anywhere, also when they were cut short, and leave what is wanted', () => {
    fc.assert(
      fc.property(grant, observed, goal, (one, there, to) => {
        const route = routeOf(one);
        const steps = stepsTo(to, route, there);
        for (let done = 0; done <= steps.length; done++) {
          const begun = steps.slice(0, done).reduce((at, step) => doing(at, route, step), there);
          const ended = stepsTo(to, route, begun).reduce((at, step) => doing(at, route, step), begun);
          expect(stepsTo(to, route, ended)).toEqual([]);
          if (to === 'gone') expect(ended).toEqual({});
          if (to === 'suspended') expect(ended.rule?.isEnabled ?? false).toBe(false);
          if (to === 'open' || to === 'prepared') {
            const own = ended.rule?.targets.filter(({ id }) => id === ROUTE_TARGET_ID);
            expect([ended.rule?.isEnabled, own]).toEqual([to === 'open', made(route).targets]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
