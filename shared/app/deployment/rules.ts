/** Rules of `workflows/triggers.yaml`, each with its one target: a flow. Pure. */
import type { DeploymentValues, RuleToDeploy } from '../../domain/deployment.js';

export interface RuleOfTriggers {
  readonly name: string;
  readonly bus: string;
  readonly description: string;
  readonly pattern: unknown;
  readonly flow: string;
  /** Default true. */
  readonly deadLetters?: boolean;
  readonly byItself?: true;
}
/** What every rule's target has in common. */
export interface TargetOfTriggers {
  readonly role: string;
  readonly retry: string;
  readonly deadLetterBus: string;
}

export function ruleOf(
  rule: RuleOfTriggers,
  target: TargetOfTriggers,
  { region, account }: DeploymentValues,
): RuleToDeploy {
  return {
    bus: rule.bus,
    name: rule.name,
    description: rule.description,
    pattern: JSON.stringify(rule.pattern),
    ...(rule.byItself === undefined ? {} : { byItself: rule.byItself }),
    target: {
      Id: rule.flow,
      Type: 'acs.fnf',
      // The trailing placeholder is literal: the flow is picked by FlowName. Source: EventBridge "Event target parameters".
      Endpoint: `acs:fnf:${region}:${account}:flow/\${flow}`,
      PushRetryStrategy: target.retry,
      ErrorsTolerance: 'ALL',
      ...(rule.deadLetters === false
        ? {}
        : {
            DeadLetterQueue: { Arn: `acs:eventbridge:${region}:${account}:eventbus/${target.deadLetterBus}` },
          }),
      ParamList: [
        { ResourceKey: 'FlowName', Form: 'CONSTANT', Value: rule.flow },
        { ResourceKey: 'Input', Form: 'JSONPATH', Value: '$' },
        { ResourceKey: 'RoleName', Form: 'CONSTANT', Value: target.role },
      ],
    },
  };
}
