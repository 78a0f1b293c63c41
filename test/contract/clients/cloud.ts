/** An embedded cloud for clients that were not written here: all products, one account, and a server that tasks ask. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import { cloudFlowService } from '../../../shared/loopback/cloudflow/service.js';
import { eventBridgeService } from '../../../shared/loopback/eventbridge/service.js';
import { functionComputeService } from '../../../shared/loopback/function-compute/service.js';
import { ossService } from '../../../shared/loopback/oss/service.js';
import { sampleSeed } from '../../../shared/loopback/products/seed.js';
import { productsService } from '../../../shared/loopback/products/service.js';
import { OWNER } from '../../support/requests.js';
import { type Replies, type Step, scenario } from './scenario.js';

export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}
export interface ClientsCloud {
  readonly cloud: RunningCloud;
  readonly keys: Keys;
  /** Walks through the scenario with one client; what was answered, in order. Rejects with the first refusal. */
  walk(
    call: (step: Step, params: Readonly<Record<string, string>>) => Promise<object>,
  ): Promise<readonly object[]>;
  close(): Promise<void>;
}

export async function startClientsCloud(): Promise<ClientsCloud> {
  const cloud = await startCloud({
    services: [
      ossService,
      (its) => productsService(its, sampleSeed(OWNER)),
      (its) => {
        const functions = functionComputeService(its, { runner: 'in-process' });
        const events = eventBridgeService(its, { functions: () => functions.invoker });
        const flows = cloudFlowService(its, {
          functions: () => functions.invoker,
          events: () => events.publisher,
        });
        return {
          rpc: [...events.rpc, ...flows.rpc],
          http: [...functions.http, ...events.http],
          close: () => functions.close(),
        };
      },
    ],
  });
  cloud.accounts.createAccount(OWNER);
  // A user, since nobody may assume roles as the account's owner.
  const keys = cloud.accounts.createUser(OWNER, 'administrator');
  await cloud.cloud.call(
    cloud.accounts.rootOf(OWNER),
    '2015-05-01',
    'AttachPolicyToUser',
    { UserName: 'administrator', PolicyName: 'AdministratorAccess', PolicyType: 'System' },
    'cn-hangzhou',
  );
  const tokens: string[] = [];
  let asked: () => void = () => undefined;
  const server = createServer((request, reply) => {
    tokens.push(String(request.headers['x-fnf-http-callback-task-token']));
    reply.end('{}');
    asked();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    cloud,
    keys,
    walk: async (call) => {
      const replies: Record<string, Replies[string]> = {};
      const all: object[] = [];
      for (const step of scenario({ url, tokens })) {
        const isAsked = new Promise<void>((resolve) => {
          asked = resolve;
        });
        const params = typeof step.params === 'function' ? step.params(replies) : step.params;
        step.before?.(cloud.accounts);
        const reply = await call(step, params);
        if (step.action === 'StartExecution') await isAsked;
        replies[step.action] = reply as Replies[string];
        all.push(reply);
      }
      return all;
    },
    close: async () => {
      server.close();
      await cloud.close();
    },
  };
}

/** The shape of a value: its keys and types, without what differs from run to run. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  // As pop-core reads a number of more than fifteen digits.
  if ('c' in value && 'e' in value && 's' in value && Array.isArray(value.c)) return 'number';
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, shapeOf(inner)]),
  );
}
