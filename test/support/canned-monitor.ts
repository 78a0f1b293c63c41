/** CloudMonitor as its API reference has it, as far as alarms go: metrics with statistics of their own, and rules that must use them. */
import { type Canned, type CannedCloud, startCannedCloud } from './canned-cloud.js';

type Parameters = Readonly<Record<string, string>>;

export interface CannedMonitor extends CannedCloud {
  /** Rules that are there, by their ids. */
  readonly rules: Map<string, Parameters>;
  /** Statistics by metric, as one text; a metric that is not in it is not known. */
  readonly metrics: Map<string, string>;
  /** What was asked, in order. */
  readonly asked: { readonly action: string; readonly query: Parameters }[];
  /** Refuses every call of these actions. */
  readonly denied: Set<string>;
}

const SUCCESS = { Code: '200', Message: 'success', RequestId: 'r', Success: true };
const refused = (Code: string, Message: string): Canned => ({
  body: { Code, Message, RequestId: 'r', Success: false },
});

export async function startCannedMonitor(): Promise<CannedMonitor> {
  const [rules, metrics, asked, denied]: [
    CannedMonitor['rules'],
    CannedMonitor['metrics'],
    CannedMonitor['asked'],
    CannedMonitor['denied'],
  ] = [new Map(), new Map(), [], new Set()];
  const actions: Readonly<Record<string, (query: Parameters) => Canned>> = {
    DescribeMetricMetaList: ({ Namespace, MetricName = '' }) => {
      const Statistics = metrics.get(MetricName);
      const Resource =
        Statistics === undefined ? [] : [{ Namespace, MetricName, Statistics, Periods: '60,300' }];
      return { body: { ...SUCCESS, Resources: { Resource } } };
    },
    PutResourceMetricRule: (query) => {
      const statistic = query['Escalations.Critical.Statistics'] ?? '';
      if (!(metrics.get(query['MetricName'] ?? '') ?? '').split(',').includes(statistic))
        return refused('ParameterInvalid', `statistics ${statistic} is not supported`);
      rules.set(query['RuleId'] ?? '', query);
      return { body: SUCCESS };
    },
    DescribeMetricRuleList: ({ RuleIds = '' }) => {
      const there = RuleIds.split(',').filter((id) => rules.has(id));
      const Alarm = there.map((RuleId) => ({ RuleId, EnableState: true, AlertState: 'OK' }));
      return { body: { ...SUCCESS, Alarms: { Alarm } } };
    },
    DeleteMetricRules: (query) => {
      const ids = Object.entries(query).flatMap(([name, id]) => (/^Id\.\d+$/.test(name) ? [id] : []));
      if (ids.length === 0 || ids.some((id) => !rules.has(id)))
        return refused('404', 'The specified resource is not found.');
      for (const id of ids) rules.delete(id);
      return { body: SUCCESS };
    },
  };
  const cloud = await startCannedCloud((request) => {
    const action = String(request.headers['x-acs-action']);
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://any').searchParams);
    asked.push({ action, query });
    if (denied.has(action))
      return { status: 403, body: { Code: 'Forbidden.RAM', Message: 'User not authorized', RequestId: 'r' } };
    return actions[action]?.(query) ?? refused('InvalidAction.NotFound', `no ${action}`);
  });
  return { ...cloud, rules, metrics, asked, denied };
}
