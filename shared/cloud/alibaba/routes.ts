/** `RoutesPort` over API 2020-04-01 of EventBridge: only it gives targets a dead-letter queue. */
import { TryLaterError } from '../../domain/errors.js';
import { member } from '../../domain/member.js';
import {
  type ObservedRoute,
  type ObservedTarget,
  ROUTE_TARGET_ID,
  type Route,
  type RouteEnd,
  type RouteStep,
} from '../../domain/route.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RoutesPort } from '../ports.js';
import { type Trail, UNNOTED } from '../trail.js';
import type { Connection } from './connection.js';
import { codeOf, doing } from './failures.js';
import { callNoted, listAt, text } from './open-api.js';
import { tolerating } from './product-data-plane.js';

const BUS_GONE = /^EventBusNotExist/;
const RULE_GONE = /^EventRuleNotExist/;
const RULE_THERE = /^EventRuleAlreadyExist/;
/** Three retries, 10 to 20 seconds apart: an end is an end within the minute. The other strategy goes on for a day. */
const RETRIES = 'BACKOFF_RETRY';

/** That there are more is told only to whoever says how many. Source: EventBridge API reference, ListRules; 100 at most. */
const PAGE = '100';

type Place = Pick<Route, 'region' | 'eventBus' | 'rule'>;

export function makeRoutesPort(connection: Connection, trail: Pick<Trail, 'note'> = UNNOTED): RoutesPort {
  const callOn = (region: Region, action: string, query: Readonly<Record<string, string>>) =>
    callNoted(connection, trail, { product: 'eventbridge', version: '2020-04-01', region, action, query });
  const call = (
    { region, eventBus, rule }: Place,
    action: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<unknown> => callOn(region, action, { EventBusName: eventBus, RuleName: rule, ...query });

  const apply = async (route: Route, step: RouteStep): Promise<void> => {
    switch (step.kind) {
      case 'createRule':
        return createRule(route);
      case 'setPattern':
        await call(route, 'UpdateRule', {
          FilterPattern: route.pattern,
          Description: route.description,
          // Unsaid it is ENABLE. Source: EventBridge API reference, UpdateRule.
          Status: step.isEnabled ? 'ENABLE' : 'DISABLE',
        });
        return;
      case 'putTarget':
        demandNoErrors(await call(route, 'PutTargets', { Targets: JSON.stringify([targetOf(route)]) }));
        return;
      case 'setEnabled':
        await call(route, step.isEnabled ? 'EnableRule' : 'DisableRule');
        return;
      case 'removeTargets':
        demandNoErrors(
          await call(route, 'DeleteTargets', { TargetIds: JSON.stringify(step.ids) }),
          /^EventTargetNotExist/,
        );
        return;
      case 'deleteRule':
        await tolerating(RULE_GONE, () => call(route, 'DeleteRule'));
        return;
    }
  };

  const createRule = async (route: Route): Promise<void> => {
    try {
      await call(route, 'CreateRule', {
        Description: route.description,
        FilterPattern: route.pattern,
        Status: 'DISABLE',
        EventTargets: JSON.stringify([targetOf(route)]),
      });
    } catch (failure) {
      // Perhaps by a call of ours whose reply was lost; what it holds has to be looked at.
      if (RULE_THERE.test(codeOf(failure)))
        throw new TryLaterError('CONFLICT', `rule ${route.rule} is there already`);
      throw failure;
    }
  };

  return {
    observe: (route) =>
      doing(`looking for rule ${route.rule} on bus ${route.eventBus}`, async () => {
        try {
          const reply = await tolerating(RULE_GONE, () => call(route, 'GetRule'));
          return reply === undefined ? {} : { rule: ruleOf(member(reply, 'Data')) };
        } catch (failure) {
          if (BUS_GONE.test(codeOf(failure))) return undefined;
          throw failure;
        }
      }),
    listRules: (bus, prefix) =>
      doing(`listing rules on bus ${bus.eventBus}`, async () => {
        const names: string[] = [];
        let token = '';
        do {
          const query = {
            EventBusName: bus.eventBus,
            RuleNamePrefix: prefix,
            Limit: PAGE,
            ...(token === '' ? {} : { NextToken: token }),
          };
          const reply = await tolerating(BUS_GONE, () => callOn(bus.region, 'ListRules', query));
          if (reply === undefined) return undefined;
          names.push(...listAt(reply, 'Data', 'Rules').map((rule) => text(rule, 'RuleName')));
          token = text(reply, 'Data', 'NextToken');
        } while (token !== '');
        return names.filter((name) => name.startsWith(prefix));
      }),
    apply: (route, step) =>
      doing(`${step.kind} of rule ${route.rule} on bus ${route.eventBus}`, () => apply(route, step)),
  };
}

const constant = (ResourceKey: string, Value: string) => ({ ResourceKey, Form: 'CONSTANT', Value });

/** Source: EventBridge "Event target parameters". */
function targetOf({ to, deadLetters }: Route): object {
  const common = {
    Id: ROUTE_TARGET_ID,
    PushRetryStrategy: RETRIES,
    ErrorsTolerance: 'ALL',
    ...(deadLetters === undefined ? {} : { DeadLetterQueue: { Arn: deadLetters } }),
  };
  const whole = { ResourceKey: 'Body', Form: 'ORIGINAL' };
  return to.kind === 'https'
    ? {
        ...common,
        Type: 'https',
        Endpoint: to.url,
        ParamList: [constant('url', to.url), constant('Network', 'PublicNetwork'), whole],
      }
    : {
        ...common,
        Type: 'acs.eventbridge',
        Endpoint: `acs:eventbridge:${to.region}:${to.accountId}:eventbus/${to.eventBus}`,
        ParamList: [
          constant('RegionId', to.region),
          constant('AccountType', 'AnotherAccount'),
          constant('AccountId', to.accountId),
          constant('EventBusName', to.eventBus),
          constant('RAMRoleName', to.roleName),
          whole,
        ],
      };
}

const ruleOf = (rule: unknown): NonNullable<ObservedRoute['rule']> => ({
  pattern: text(rule, 'FilterPattern'),
  isEnabled: text(rule, 'Status').toUpperCase() !== 'DISABLE',
  targets: listAt(rule, 'Targets').map(observedTarget),
});

function observedTarget(target: unknown): ObservedTarget {
  const to = endOf(target);
  const deadLetters = text(target, 'DeadLetterQueue', 'Arn');
  return {
    id: text(target, 'Id'),
    ...(to === undefined ? {} : { to }),
    ...(deadLetters === '' ? {} : { deadLetters }),
    retries: text(target, 'PushRetryStrategy') === 'EXPONENTIAL_DECAY_RETRY' ? 'for-a-day' : 'briefly',
  };
}

/** The end of a target that sends whole events as they are to where its endpoint and its parameters agree that they go. */
function endOf(target: unknown): RouteEnd | undefined {
  const params = new Map(listAt(target, 'ParamList').map((param) => [text(param, 'ResourceKey'), param]));
  const value = (key: string): string => text(params.get(key), 'Value');
  if (text(params.get('Body'), 'Form') !== 'ORIGINAL') return undefined;
  const endpoint = text(target, 'Endpoint');
  switch (text(target, 'Type')) {
    case 'https':
      return value('url') === endpoint && value('Network') === 'PublicNetwork'
        ? { kind: 'https', url: endpoint }
        : undefined;
    case 'acs.eventbridge': {
      // What was read is compared with what is wanted, whole; it is used for nothing else.
      const [region, accountId] = [value('RegionId') as Region, value('AccountId') as AccountId];
      const [eventBus, roleName] = [value('EventBusName'), value('RAMRoleName')];
      return endpoint === `acs:eventbridge:${region}:${accountId}:eventbus/${eventBus}`
        ? { kind: 'bus', accountId, region, eventBus, roleName }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A reply may say of single targets that they failed. @throws with the first such code, unless it is among `tolerated` */
export function demandNoErrors(reply: unknown, tolerated?: RegExp): void {
  const codes = listAt(reply, 'Data', 'ErrorEntries').map((entry) => text(entry, 'ErrorCode'));
  const failed = codes.find((code) => tolerated?.test(code) !== true);
  if (failed !== undefined) throw Object.assign(new Error('a target was not taken'), { code: failed });
}
