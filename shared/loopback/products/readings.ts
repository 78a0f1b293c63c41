import type { ApiError } from '../kernel.js';

/** Where the vendor's documents disagree; a test that wants the other reading hands it to `productsService`. */
export interface ProductReadings {
  /**
   * What Kafka's list calls are checked on. The published custom policy grants them on an instance (`instance`, the default:
   * a grant on `*` matches it too), the API tables say "All Resources" (`all`: then only a grant on `*` does).
   * With `instance`, GetInstanceList without ids shows the instances that the caller may list, all of them under `*`.
   */
  readonly kafkaLists: 'instance' | 'all';
  /**
   * What Kafka's ACL calls are checked on: the pages of 2024 say "All Resources" (`all`, the default: only a grant on `*`
   * matches), newer ones of its SASL calls say the instance (`instance`).
   */
  readonly kafkaAcls: 'instance' | 'all';
  /**
   * What CreateSaslUser does with a name that is there: Terraform's provider changes passwords by it (`replaces`, the
   * default), the page is silent (`refuses`, with a code of the same page).
   */
  readonly kafkaUserAgain: 'replaces' | 'refuses';
  /**
   * What DescribeAcls says of a topic or group that is not there: what ACLs it has (`lists`, the default), or the codes
   * that Terraform's provider expects of it (`refuses`).
   */
  readonly kafkaAclsOfMissing: 'lists' | 'refuses';
  /** Whether the ACLs of an account go with it. Neither product says so; the cautious default is that they stay. */
  readonly aclsGoWithAccount: boolean;
  /**
   * Whether RabbitMQ's ListAccounts goes on showing what was deleted, by the time of its `deleted`: the page has that member and
   * does not say of whom. Terraform's provider takes what is listed for there, so the default is that it does not.
   */
  readonly showsDeletedAccounts: boolean;
  /**
   * Whether RabbitMQ and RocketMQ 5.x refuse what they have not got by a reply of status 200: their pages have a member that says
   * whether the call was successful in every reply, and do not say with which status it says no. Default: by status 404.
   */
  readonly refusesByReply: boolean;
}

export const PRODUCT_READINGS: ProductReadings = {
  kafkaLists: 'instance',
  kafkaAcls: 'all',
  kafkaUserAgain: 'replaces',
  kafkaAclsOfMissing: 'lists',
  aclsGoWithAccount: false,
  showsDeletedAccounts: false,
  refusesByReply: false,
};

/** Whether the product itself says so; rights, rates and signatures are the gateway's. */
export const isByReply = ({ refusesByReply }: ProductReadings, { status, code }: ApiError): boolean =>
  refusesByReply && (status === 404 || status === 409) && !code.startsWith('InvalidApi');
