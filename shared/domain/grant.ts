/** What a request may ask for: one grant is one product, one access level, one set of resources. */
import type { Region } from './values.js';

export const ACCESS_LEVELS = ['read', 'publish', 'subscribe', 'operate', 'full'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

interface GrantBase {
  readonly access: AccessLevel;
  readonly region: Region;
  /** Narrows the attachment to one resource group, where the product supports that. */
  readonly resourceGroupId?: string;
}

/** Asked for where RAM does not govern the data plane: its end then depends on the controller, and the request says so. */
export interface DataPlaneWish {
  readonly endsByController: true;
}

/** A user name and a password that stay, for clients that cannot make new ones of each session. Asked for by name, never given otherwise. */
export interface StaticAccountWish extends DataPlaneWish {
  readonly staticAccount?: true;
}

export interface KafkaGrant extends GrantBase {
  readonly service: 'kafka';
  readonly instanceId: string;
  /** Lists on everything, for where Kafka checks them on no instance: then a right on one lets nobody list. */
  readonly listsAnywhere?: true;
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
  readonly dataPlane?: DataPlaneWish;
}
export interface RabbitmqGrant extends GrantBase {
  readonly service: 'rabbitmq';
  readonly instanceId: string;
  readonly virtualHosts: readonly string[];
  /** Narrow `publish` to these exchanges; without them the whole virtual host. */
  readonly exchanges?: readonly string[];
  /** Narrow `subscribe` to these queues; without them the whole virtual host. */
  readonly queues?: readonly string[];
  /** Without it clients log on with what they make of a session, which ends with it. */
  readonly dataPlane?: StaticAccountWish;
}
export interface RocketmqGrant extends GrantBase {
  readonly service: 'rocketmq';
  readonly series: '4.x' | '5.x';
  readonly instanceId: string;
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
  /** 4.x only: whether the instance has a namespace (`OnsInstanceBaseInfo` `IndependentNaming`). Default true. */
  readonly namespaced?: boolean;
  readonly dataPlane?: DataPlaneWish;
}
/** Where a rule of ours takes events: a bus of the grantee's account in the grant's region, or an HTTPS endpoint. */
export type EventTarget = {
  /** RAM bounds no rule in time: its end depends on the controller, and the request says so. */
  readonly endsByController?: true;
} & (
  | {
      readonly type: 'bus';
      readonly eventBus: string;
      /** Role of the grantee that trusts `<owner>@eventbridge.aliyuncs.com` and may publish there. */
      readonly roleName: string;
    }
  | { readonly type: 'https'; readonly url: string }
);
/** Which events: of any of the sources and of any of the types. */
export interface EventChoice {
  readonly sources?: readonly string[];
  readonly types?: readonly string[];
}
export interface EventbridgeGrant extends GrantBase {
  readonly service: 'eventbridge';
  readonly eventBus: string;
  /** `subscribe` only. */
  readonly target?: EventTarget;
  /** `subscribe` only; without it every event on the bus. */
  readonly events?: EventChoice;
}
export interface SlbGrant extends GrantBase {
  readonly service: 'slb';
  readonly kind: 'clb' | 'alb' | 'nlb';
  readonly loadBalancerIds: readonly string[];
  /** CLB `operate`: the ECS instances that may be put behind the load balancers (checked by CLB as a second resource). */
  readonly ecsInstanceIds?: readonly string[];
  /** NLB: server groups, which have ARNs of their own. */
  readonly serverGroupIds?: readonly string[];
}
export type ResourceGrant = KafkaGrant | RabbitmqGrant | RocketmqGrant | EventbridgeGrant | SlbGrant;
export const SERVICES = [
  'kafka',
  'rabbitmq',
  'rocketmq',
  'eventbridge',
  'slb',
] as const satisfies readonly ResourceGrant['service'][];

/** A policy of the vendor's, attached by name; what its document allows is judged before it is granted. */
export interface SystemPolicyGrant {
  readonly systemPolicy: string;
  /** Although its document allows what is high risk; never without an approver. */
  readonly acceptsHighRisk?: true;
  readonly resourceGroupId?: string;
}
export type Grant = ResourceGrant | SystemPolicyGrant;

export const isSystemPolicyGrant = (grant: Grant): grant is SystemPolicyGrant => 'systemPolicy' in grant;
export const isResourceGrant = (grant: Grant): grant is ResourceGrant => !isSystemPolicyGrant(grant);
