/** SASL users and ACLs of Kafka instances, through API 2019-09-16. */
import type { AclEntry, DataPlaneInstance } from '../../domain/data-plane.js';
import { InvalidRequestError, TryLaterError } from '../../domain/errors.js';
import { member } from '../../domain/member.js';
import type { Trail } from '../trail.js';
import type { Connection } from './connection.js';
import { callNoted, listAt, text } from './open-api.js';
import { newPassword, type ProductDataPlane, tolerating } from './product-data-plane.js';

/** Usable at both of the endpoints that take user names. Source: "Comparison among endpoints". */
const NEW_USER_TYPE = 'plain';
const RESOURCE_TYPES = ['Topic', 'Group', 'Cluster', 'TransactionalId'];
const MATCHES: Readonly<Record<AclEntry['match'], string>> = { exact: 'LITERAL', prefix: 'PREFIXED' };

/** An ACL may outlive its topic or group; asking for it may then be answered so. */
const RESOURCE_GONE = /^BIZ_(TOPIC|SUBSCRIPTION)_NOT_FOUND$/;
const USER_GONE = /^BIZ_SASL_USER_NOT_EXIST$/;
const ALREADY_GRANTED = /^Acl\.DuplicatedAuth\b/;

type Place = Pick<AclEntry, 'resourceType' | 'resourceName'>;

export function kafkaDataPlane(connection: Connection, trail: Pick<Trail, 'note'>): ProductDataPlane {
  const call = (instance: DataPlaneInstance, action: string, query: Readonly<Record<string, string>>) =>
    callNoted(connection, trail, {
      product: 'alikafka',
      version: '2019-09-16',
      region: instance.region,
      action,
      query: { InstanceId: instance.instanceId, ...query },
    });

  const usersOf = async (instance: DataPlaneInstance): Promise<readonly unknown[]> =>
    listAt(await call(instance, 'DescribeSaslUsers', {}), 'SaslUserList', 'SaslUserVO');
  /** As the list of instances has it. */
  const instanceOf = async (instance: DataPlaneInstance): Promise<unknown> => {
    const query = { 'InstanceId.1': instance.instanceId };
    const all = listAt(await call(instance, 'GetInstanceList', query), 'InstanceList', 'InstanceVO');
    return all.find((one) => text(one, 'InstanceId') === instance.instanceId);
  };

  /** Types of the users that bear the name: one by each mechanism at most. */
  const typesOf = async (instance: DataPlaneInstance, account: string): Promise<readonly string[]> =>
    (await usersOf(instance))
      .filter((user) => text(user, 'Username') === account)
      .map((user) => text(user, 'Type') || NEW_USER_TYPE);

  const entriesAt = async (instance: DataPlaneInstance, Username: string, place: Place) => {
    const query = { Username, AclResourceType: place.resourceType, AclResourceName: place.resourceName };
    const reply = await tolerating(RESOURCE_GONE, () => call(instance, 'DescribeAcls', query));
    return listAt(reply, 'KafkaAclList', 'KafkaAclVO').map(entryOf);
  };
  const entriesAmong = async (
    instance: DataPlaneInstance,
    username: string,
    places: readonly Place[],
  ): Promise<readonly AclEntry[]> => {
    const entries: AclEntry[] = [];
    for (const place of uniquePlaces(places)) entries.push(...(await entriesAt(instance, username, place)));
    return entries;
  };
  /** Everything that the instance has an ACL for. */
  const placesWithAcls = async (instance: DataPlaneInstance): Promise<readonly Place[]> => {
    const places: Place[] = [];
    for (const resourceType of RESOURCE_TYPES)
      for (const AclResourcePatternType of Object.values(MATCHES)) {
        const query = { AclResourceType: resourceType, AclResourcePatternType };
        for (const name of listAt(await call(instance, 'DescribeAclResourceName', query), 'Data', 'data'))
          if (typeof name === 'string') places.push({ resourceType, resourceName: name });
      }
    return places;
  };

  return {
    async observe(instance, account, expected) {
      const found = await instanceOf(instance);
      if (found === undefined) return undefined;
      const isAclOn = isSwitchedOn(text(found, 'AllConfig'));
      const there = (await typesOf(instance, account)).length > 0;
      const places = isAclOn ? await placesWithAcls(instance) : [];
      const shared = RESOURCE_TYPES.map((resourceType) => ({ resourceType, resourceName: '*' }));
      return {
        isAclOn,
        ...(there ? { account: { isEnabled: true } } : {}),
        entries: isAclOn ? await entriesAmong(instance, account, [...expected, ...places]) : [],
        forEveryone: isAclOn ? await entriesAmong(instance, '*', [...expected, ...shared]) : [],
      };
    },

    async createAccount(instance, account) {
      // CreateSaslUser replaces the password of a user that is there, whosever it is.
      if ((await typesOf(instance, account)).length > 0)
        throw new TryLaterError('CONFLICT', `SASL user ${account} is there already`);
      const password = newPassword();
      await call(instance, 'CreateSaslUser', {
        Username: account,
        Password: password,
        Type: NEW_USER_TYPE,
      });
      return { username: account, password };
    },

    async accountsOf(instance) {
      if ((await instanceOf(instance)) === undefined) return undefined;
      return [...new Set((await usersOf(instance)).map((user) => text(user, 'Username')))];
    },

    setEnabled: async () => {
      throw new InvalidRequestError('BAD_CONFIG', 'Kafka has no call that switches a SASL user off or on');
    },

    async deleteAccount(instance, account) {
      for (const Type of await typesOf(instance, account))
        await tolerating(USER_GONE, () => call(instance, 'DeleteSaslUser', { Username: account, Type }));
    },

    async addEntry(instance, account, entry) {
      await tolerating(ALREADY_GRANTED, () => call(instance, 'CreateAcl', aclOf(account, entry)));
    },

    async removeEntry(instance, account, entry) {
      await call(instance, 'DeleteAcl', aclOf(account, entry));
    },
  };
}

/** `AllConfig` is JSON; an instance that does not say so has its ACL off. */
function isSwitchedOn(settings: string): boolean {
  try {
    return String(member(JSON.parse(settings), 'enable.acl')) === 'true';
  } catch (failure) {
    if (failure instanceof SyntaxError) return false;
    throw failure;
  }
}

/** The last two are known to serverless instances alone, where somebody may have made such an entry by hand. */
const aclOf = (account: string, entry: AclEntry): Readonly<Record<string, string>> => ({
  Username: account,
  AclResourceType: entry.resourceType,
  AclResourceName: entry.resourceName,
  AclResourcePatternType: MATCHES[entry.match],
  AclOperationType: entry.operation,
  ...(entry.effect === 'deny' ? { AclPermissionType: 'DENY' } : {}),
  ...(entry.from[0] === undefined ? {} : { Host: entry.from[0] }),
});

const entryOf = (acl: unknown): AclEntry => ({
  resourceType: text(acl, 'AclResourceType'),
  resourceName: text(acl, 'AclResourceName'),
  match: text(acl, 'AclResourcePatternType') === 'PREFIXED' ? 'prefix' : 'exact',
  operation: text(acl, 'AclOperationType'),
  effect: text(acl, 'AclPermissionType').toUpperCase() === 'DENY' ? 'deny' : 'allow',
  from: [text(acl, 'Host')].filter((host) => host !== '' && host !== '*'),
});

const uniquePlaces = (places: readonly Place[]): readonly Place[] => [
  ...new Map(places.map((place) => [`${place.resourceType} ${place.resourceName}`, place])).values(),
];
