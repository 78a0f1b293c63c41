/** `DataPlanePort` over the products' own APIs. */
import type { DataPlaneInstance, DataPlaneStep } from '../../domain/data-plane.js';
import { PartnerAccessError } from '../../domain/errors.js';
import type { DataPlanePort, Logon } from '../ports.js';
import { type Trail, UNNOTED } from '../trail.js';
import type { Connection } from './connection.js';
import { codeOf, doing } from './failures.js';
import { kafkaDataPlane } from './kafka-data-plane.js';
import type { ProductDataPlane } from './product-data-plane.js';
import { rabbitmqDataPlane } from './rabbitmq-data-plane.js';
import { rocketmq5DataPlane } from './rocketmq5-data-plane.js';

export function makeDataPlanePort(
  connection: Connection,
  trail: Pick<Trail, 'note'> = UNNOTED,
): DataPlanePort {
  const products: Readonly<Record<DataPlaneInstance['product'], ProductDataPlane>> = {
    kafka: kafkaDataPlane(connection, trail),
    rocketmq5: rocketmq5DataPlane(connection, trail),
    rabbitmq: rabbitmqDataPlane(connection, trail),
  };
  return {
    observe: (instance, account, expected) =>
      doing(`looking for account ${account} on ${instance.instanceId}`, () =>
        products[instance.product].observe(instance, account, expected),
      ),
    apply: (instance, account, step) =>
      doing(`${step.kind} of account ${account} on ${instance.instanceId}`, () =>
        applyStep(products[instance.product], instance, account, step),
      ),
    listAccounts: (instance, prefix) =>
      doing(`listing accounts of ${instance.instanceId}`, async () => {
        const names = await products[instance.product].accountsOf(instance, prefix);
        return names?.filter((name) => name.startsWith(prefix));
      }),
  };
}

async function applyStep(
  product: ProductDataPlane,
  instance: DataPlaneInstance,
  account: string,
  step: DataPlaneStep,
): Promise<Partial<Logon>> {
  switch (step.kind) {
    case 'createAccount':
      return withoutRequest(() => product.createAccount(instance, account));
    case 'setEnabled':
      await product.setEnabled(instance, account, step.isEnabled);
      return {};
    case 'deleteAccount':
      await product.deleteAccount(instance, account);
      return {};
    case 'addEntry':
      await product.addEntry(instance, account, step.entry);
      return {};
    case 'removeEntry':
      await product.removeEntry(instance, account, step.entry);
      return {};
  }
}

/** Runs `work`, whose request holds a password: a failure of the SDK may quote the request, so only its name and code go on. */
async function withoutRequest<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof PartnerAccessError) throw failure; // which quotes nothing
    const name = failure instanceof Error ? failure.name : 'Error';
    const isTimeOut = failure instanceof Error && /(Read|Connect)Timeout/.test(failure.message.slice(0, 40));
    const status = Number((failure as { readonly statusCode?: unknown } | undefined)?.statusCode ?? 0);
    throw Object.assign(new Error(isTimeOut ? 'ReadTimeout' : 'the request is not quoted'), {
      name,
      code: codeOf(failure),
      statusCode: status,
    });
  }
}
