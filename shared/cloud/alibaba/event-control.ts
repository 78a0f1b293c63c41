/** EventBridge's control calls of API 2020-04-01, whose own package is not published; only it can give a target a dead-letter queue. */
import type { DeployedRule } from '../../domain/deployed.js';
import type { BusToDeploy, RuleToDeploy, ScheduleThere, ScheduleToDeploy } from '../../domain/deployment.js';
import { member } from '../../domain/member.js';
import type { Connection } from './connection.js';
import { doing } from './failures.js';
import { callOpenApi, text } from './open-api.js';
import { demandNoErrors } from './routes.js';

export interface EventControl {
  /** Every bus whose name begins with `prefix`. */
  buses(prefix: string): Promise<readonly BusToDeploy[]>;
  /** The clocks on a bus; other kinds of sources are left out. */
  schedules(bus: string): Promise<readonly ScheduleThere[]>;
  /** The rules on a bus whose names begin with `prefix`, with their targets. */
  rules(bus: string, prefix: string): Promise<readonly DeployedRule[]>;
  createBus(bus: BusToDeploy): Promise<void>;
  updateBus(bus: BusToDeploy): Promise<void>;
  createSchedule(schedule: ScheduleToDeploy): Promise<void>;
  updateSchedule(schedule: ScheduleToDeploy): Promise<void>;
  createRule(rule: RuleToDeploy): Promise<void>;
  /** A target of another id stays. */
  updateRule(rule: RuleToDeploy): Promise<void>;
}

type Parameters = Readonly<Record<string, string>>;
type Entry = Readonly<Record<string, unknown>>;

const PAGE = '50';
/** Whose parameters are in the body. Source: the vendor's published API metadata. */
const IN_BODY = /^(?:Create|Update)EventSource$/;

export function makeEventControl(connection: Connection): EventControl {
  const call = async (action: string, parameters: Parameters): Promise<Entry> => {
    const about = parameters['RuleName'] ?? parameters['EventBusName'] ?? '';
    const reply = (await doing(`${action} ${about}`, () =>
      callOpenApi(connection, {
        product: 'eventbridge',
        version: '2020-04-01',
        region: connection.region,
        action,
        ...(IN_BODY.test(action) ? { form: parameters } : { query: parameters }),
      }),
    )) as { readonly Data?: Entry } | undefined;
    return reply?.Data ?? {};
  };
  /** All pages of a list. */
  const listed = async (action: string, query: Parameters, list: string): Promise<readonly Entry[]> => {
    const found: Entry[] = [];
    for (let token = ''; ; ) {
      const data = await call(action, {
        ...query,
        Limit: PAGE,
        ...(token === '' ? {} : { NextToken: token }),
      });
      found.push(...((data[list] ?? []) as readonly Entry[]));
      token = String(data['NextToken'] ?? '');
      if (token === '') return found;
    }
  };
  return {
    buses: async (prefix) =>
      (await listed('ListEventBuses', { NamePrefix: prefix }, 'EventBuses')).map((bus) => ({
        name: String(bus['EventBusName']),
        description: String(bus['Description'] ?? ''),
      })),
    schedules: async (bus) =>
      (await listed('ListUserDefinedEventSources', { EventBusName: bus }, 'EventSourceList')).flatMap(
        (source) => {
          // Other kinds have null there, or nothing in it. Source: the vendor's Terraform provider.
          const cron = text(source, 'SourceScheduledEventParameters', 'Schedule');
          if (cron === '') return [];
          const description = member(source, 'Description');
          return [
            {
              name: String(source['Name']),
              bus,
              ...(typeof description === 'string' ? { description } : {}),
              cron,
            },
          ];
        },
      ),
    rules: async (bus, prefix) => {
      const listing = await listed('ListRules', { EventBusName: bus, RuleNamePrefix: prefix }, 'Rules');
      return Promise.all(
        listing.map(async (listedRule) => {
          const name = String(listedRule['RuleName']);
          // Only GetRule is documented to give targets whole.
          return ruleThere(bus, name, await call('GetRule', { EventBusName: bus, RuleName: name }));
        }),
      );
    },
    createBus: async ({ name, description }) => {
      await call('CreateEventBus', { EventBusName: name, Description: description });
    },
    updateBus: async ({ name, description }) => {
      await call('UpdateEventBus', { EventBusName: name, Description: description });
    },
    createSchedule: async (schedule) => {
      await call('CreateEventSource', scheduleParameters(schedule));
    },
    updateSchedule: async (schedule) => {
      await call('UpdateEventSource', scheduleParameters(schedule));
    },
    createRule: async (rule) => {
      const EventTargets = JSON.stringify([rule.target]);
      await call('CreateRule', { ...ruleParameters(rule), EventTargets });
    },
    updateRule: async (rule) => {
      await call('UpdateRule', ruleParameters(rule));
      const { bus: EventBusName, name: RuleName } = rule;
      const Targets = JSON.stringify([rule.target]);
      demandNoErrors({ Data: await call('PutTargets', { EventBusName, RuleName, Targets }) });
    },
  };
}

const ruleThere = (bus: string, name: string, rule: Entry): DeployedRule => ({
  bus,
  name,
  pattern: String(rule['FilterPattern'] ?? ''),
  isEnabled: /^enable$/i.test(String(rule['Status'])),
  targets: (rule['Targets'] ?? []) as DeployedRule['targets'],
});

const scheduleParameters = ({ name, bus, description, cron }: ScheduleToDeploy): Parameters => ({
  EventBusName: bus,
  EventSourceName: name,
  Description: description,
  SourceScheduledEventParameters: JSON.stringify({ Schedule: cron, TimeZone: 'GMT+0:00' }),
});

const ruleParameters = (rule: RuleToDeploy): Parameters => ({
  EventBusName: rule.bus,
  RuleName: rule.name,
  Description: rule.description,
  FilterPattern: rule.pattern,
  Status: 'ENABLE',
});
