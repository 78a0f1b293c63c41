import { describe, expect, it } from 'vitest';
import { judgeAround, judgeQuotas, mayLookOn } from '../../../shared/app/doctor/account.js';
import { exitCodeOf, type Finding, worstFirst } from '../../../shared/app/doctor/finding.js';
import { judgeFlows } from '../../../shared/app/doctor/flows.js';
import { judgeFunctions } from '../../../shared/app/doctor/functions.js';
import { judgeBuckets } from '../../../shared/app/doctor/keeping.js';
import { judgeWatch } from '../../../shared/app/doctor/watch.js';
import type { DeployedAround, DeployedFlow, DeployedStack } from '../../../shared/domain/deployed.js';
import { deploymentWith } from '../../support/deployments.js';
import { OWNER } from '../../support/requests.js';

const deployment = deploymentWith({ LEASEHOLD_ALARM_CONTACTS: 'on-call' });
const { values } = deployment;
const codes = (findings: readonly Finding[]) => findings.map(({ severity, code }) => `${severity} ${code}`);

const around = (changes: Partial<DeployedAround> = {}): DeployedAround => ({
  caller: { seen: { account: OWNER, arn: `acs:ram::${OWNER}:user/operator` } },
  clockAheadSeconds: { seen: 0 },
  ...changes,
});

describe('the surroundings', () => {
  it.each([
    [0, []],
    [-60, []],
    [61, ['warning CLOCK_SKEW']],
    [-900, ['warning CLOCK_SKEW']],
    [901, ['error CLOCK_SKEW']],
    [-86_400, ['error CLOCK_SKEW']],
  ])('with a clock that is %d s ahead are found %j', (seen, expected) => {
    expect(codes(judgeAround(around({ clockAheadSeconds: { seen } }), values))).toEqual(expected);
  });

  it('in a region without CloudFlow are named, with the regions that have it', () => {
    const [finding] = judgeAround(around(), { ...values, region: 'eu-central-1' });
    expect(finding).toMatchObject({ severity: 'error', code: 'REGION_WITHOUT_PRODUCT' });
    expect(finding?.next).toContain('cn-hangzhou');
  });

  it('allow no further look when nobody can say whose key it is', () => {
    const unseen = around({ caller: { unseen: 'failed', code: 'InvalidAccessKeyId.NotFound' } });
    expect(codes(judgeAround(unseen, values))).toEqual(['error CREDENTIALS_REFUSED']);
    expect(mayLookOn(unseen, OWNER)).toBe(false);
    expect(mayLookOn(around(), OWNER)).toBe(true);
    expect(mayLookOn(around(), '2000000000000002')).toBe(false);
  });
});

describe('a cloud that cannot be reached', () => {
  it.each([
    ['failed', 'ECONNREFUSED'],
    ['failed', 'TIMED_OUT'],
    ['no-such-product', 'ENOTFOUND'],
  ] as const)('is no fault of the key: %s %s', (unseen, code) => {
    const nothing = { unseen, code };
    const [finding, ...more] = judgeAround(around({ caller: nothing, clockAheadSeconds: nothing }), values);
    expect(finding).toMatchObject({ severity: 'error', code: 'CLOUD_UNREACHED' });
    expect(more).toEqual([]);
    expect(finding?.next).toContain('--endpoint');
    expect(finding?.next).not.toContain('KEY');
  });
});

describe('quotas', () => {
  const quotas = (roles: number) =>
    codes(judgeQuotas({ seen: { roles, rolesQuota: 1000, policies: 1, policiesQuota: 1500 } }));
  it('are told when little is left, and are an error when nothing is', () => {
    expect(quotas(899)).toEqual([]);
    expect(quotas(900)).toEqual(['warning QUOTA']);
    expect(quotas(1000)).toEqual(['error QUOTA']);
  });
});

describe('buckets', () => {
  const judged = (evidence: object, env: Readonly<Record<string, string>> = {}, index: object = {}) =>
    codes(
      judgeBuckets(deploymentWith(env), {
        buckets: {
          'leasehold-evidence': { seen: { lifecycle: [], ...evidence } },
          'leasehold-index': { seen: { lifecycle: [], ...index } },
        },
      }),
    );
  const locked = { retention: { state: 'Locked', days: 365 } };

  it('are wrong when the register was ever versioned, also when that is suspended', () => {
    expect(judged({})).toEqual([]);
    expect(judged({ versioning: 'Suspended' })).toEqual(['error BUCKET_VERSIONED']);
    expect(judged({}, {}, { versioning: 'Enabled' })).toEqual(['warning BUCKET_VERSIONED']);
  });

  it('are wrong with a rule that deletes or archives, in the register more than in the index', () => {
    const lifecycle = [
      { id: 'yearly', prefix: '', does: 'deletes' },
      { id: 'cold', prefix: 'contracts/', does: 'archives' },
    ];
    expect(judged({ lifecycle })).toEqual(['error BUCKET_LIFECYCLE', 'error BUCKET_LIFECYCLE']);
    expect(judged({}, {}, { lifecycle: lifecycle.slice(1) })).toEqual(['warning BUCKET_LIFECYCLE']);
  });

  it('are wrong when the retention is shorter than asked for, or not locked, or on the index', () => {
    const asked = { LEASEHOLD_EVIDENCE_RETENTION_DAYS: '365' };
    expect(judged(locked, asked)).toEqual([]);
    expect(judged({}, asked)).toEqual(['error BUCKET_RETENTION']);
    expect(judged({ retention: { state: 'InProgress', days: 365 } }, asked)).toEqual([
      'error BUCKET_RETENTION',
    ]);
    expect(judged(locked, { LEASEHOLD_EVIDENCE_RETENTION_DAYS: '366' })).toEqual(['error BUCKET_RETENTION']);
    expect(judged(locked)).toEqual(['note BUCKET_RETENTION']);
    expect(judged({}, {}, locked)).toEqual(['error BUCKET_RETENTION']);
  });

  it('that nobody looked at are not taken to be well', () => {
    expect(codes(judgeBuckets(deployment, { buckets: {} }))).toEqual([
      'warning COULD_NOT_LOOK',
      'warning COULD_NOT_LOOK',
    ]);
  });
});

describe('functions', () => {
  it('that were not built here are not compared, and that is said', () => {
    const one = deployment.functions[0]!;
    const role = `acs:ram::${OWNER}:role/${one.role}`;
    const there = { ...one, role, logConfig: one.logs, code: { seen: {} } };
    const found = judgeFunctions({ ...deployment, functions: [one] }, { functions: { seen: [there] } }, {});
    expect(codes(found)).toEqual(['warning FUNCTION_NOT_BUILT']);
  });

  it('of a product that is not there are an error', () => {
    const found = judgeFunctions(
      deployment,
      { functions: { unseen: 'no-such-product', code: 'InvalidApi.NotFound' } },
      {},
    );
    expect(codes(found)).toEqual(['error COULD_NOT_LOOK']);
  });
});

describe('executions that ended badly', () => {
  const judged = (name: string) => {
    const there: readonly DeployedFlow[] = deployment.flows.map((flow) => ({
      name: flow.name,
      definition: flow.definition,
      role: `acs:ram::${OWNER}:role/${flow.roleName}`,
      failures: { seen: flow.name === name ? [{ execution: 'e-1', status: 'Failed' }] : [] },
    }));
    return judgeFlows(deployment, { flows: { seen: there } }, []);
  };
  it('are told of every flow, and of the one for dead letters as events that are lost', () => {
    expect(codes(judged('none'))).toEqual([]);
    expect(codes(judged('leasehold-onboarding'))).toEqual(['warning FLOW_FAILED']);
    expect(codes(judged('leasehold-undelivered'))).toEqual(['error EVENT_LOST']);
  });
});

describe('what watches', () => {
  const stacks = deployment.steps.flatMap((step) => (step.kind === 'stack' ? [step.toDeploy] : []));
  const done = (changes: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      stacks.map(({ name, template }) => [
        name,
        {
          seen: {
            status: 'CREATE_COMPLETE',
            resources: {
              ...Object.fromEntries(Object.keys(template.Resources).map((id) => [id, 'UPDATE_COMPLETE'])),
              ...changes,
            },
          } satisfies DeployedStack,
        },
      ]),
    );
  const alarms = {
    seen: deployment.alarms.map(({ name }) => ({ name, isEnabled: true, isRinging: false })),
  };

  it('is well when all stacks are done and no alarm rings', () => {
    expect(judgeWatch(deployment, { stacks: done(), alarms })).toEqual([]);
  });

  it('is well where a bucket that was there before was imported, of which ROS says no more than that', () => {
    const [bucket] = Object.keys(stacks[0]!.template.Resources);
    expect(judgeWatch(deployment, { stacks: done({ [bucket!]: 'IMPORT_COMPLETE' }), alarms })).toEqual([]);
  });

  it('is half finished when a resource was not made, or the stack was rolled back', () => {
    const [first, second] = stacks;
    const id = Object.keys(second!.template.Resources)[0]!;
    const failed = judgeWatch(deployment, { stacks: done({ [id]: 'CREATE_FAILED' }), alarms });
    expect(codes(failed)).toEqual(['error STACK_UNFINISHED']);
    expect(failed[0]?.seen).toContain(id);
    const rolledBack = {
      ...done(),
      [second!.name]: { seen: { status: 'ROLLBACK_COMPLETE', resources: {} } },
    };
    expect(codes(judgeWatch(deployment, { stacks: rolledBack, alarms }))).toEqual([
      'error STACK_UNFINISHED',
      'warning LOGS_MISSING',
    ]);
    const gone = { ...done(), [first!.name]: { seen: undefined } };
    expect(codes(judgeWatch(deployment, { stacks: gone, alarms }))).toEqual(['warning STACK_MISSING']);
  });

  it.each([
    ['CREATE_ROLLBACK_COMPLETE', true],
    ['CREATE_FAILED', true],
    ['DELETE_FAILED', true],
    ['ROLLBACK_COMPLETE', false],
    ['UPDATE_FAILED', false],
  ])(
    'in state %s must be deleted before it is deployed again, since ROS updates none in it: %s',
    (status, isStuck) => {
      const stacksNow = { ...done(), 'leasehold-events': { seen: { status, resources: {} } } };
      const [finding] = judgeWatch(deployment, { stacks: stacksNow, alarms });
      expect(finding).toMatchObject({ code: 'STACK_UNFINISHED', what: 'stack leasehold-events' });
      expect(finding?.next.includes('delete it')).toBe(isStuck);
    },
  );

  it('lacks logs, which stops nothing', () => {
    const found = judgeWatch(deployment, {
      stacks: done({ LogstoreLeaseholdLogsFunctions: 'DELETE_COMPLETE' }),
      alarms,
    });
    expect(codes(found)).toEqual(['warning LOGS_MISSING']);
  });

  it('has an alarm that is missing, off or ringing', () => {
    const [first, second, third, ...rest] = alarms.seen;
    expect(
      codes(
        judgeWatch(deployment, {
          stacks: done(),
          alarms: { seen: [{ ...second!, isEnabled: false }, { ...third!, isRinging: true }, ...rest] },
        }),
      ),
    ).toEqual(['error ALARM_MISSING', 'error ALARM_OFF', 'warning ALARM_RINGING']);
    expect(first?.isEnabled).toBe(true);
    const [missing] = judgeWatch(deployment, { stacks: done(), alarms: { seen: alarms.seen.slice(1) } });
    expect(missing?.next).toContain('leasehold alarms');
  });

  it('that nobody may look at is not taken to be well', () => {
    const found = judgeWatch(deployment, { stacks: done(), alarms: { unseen: 'denied', code: 'Forbidden' } });
    expect(codes(found)).toEqual(['warning COULD_NOT_LOOK']);
  });
});

describe('the exit code', () => {
  const finding = (severity: Finding['severity']): Finding => ({
    severity,
    code: 'QUOTA',
    what: severity,
    seen: 's',
    next: 'n',
  });
  it('is that of the worst finding, which is told first', () => {
    expect(exitCodeOf([])).toBe(0);
    expect(exitCodeOf([finding('note')])).toBe(0);
    expect(exitCodeOf([finding('note'), finding('warning')])).toBe(1);
    expect(exitCodeOf([finding('error'), finding('warning')])).toBe(2);
    const sorted = worstFirst([finding('note'), finding('error'), finding('warning')]);
    expect(sorted.map(({ severity }) => severity)).toEqual(['error', 'warning', 'note']);
  });
});
