/** Flows as they are deployed, run over any ports: the very definitions and functions, by the embedded cloud's interpreter. */
import { readdirSync, readFileSync } from 'node:fs';
import { render } from '../../../shared/app/deployment/render.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { PartnerAccessError } from '../../../shared/domain/errors.js';
import { chanceOf } from '../../../shared/loopback/cloudflow/chance.js';
import { type Definition, readDefinition } from '../../../shared/loopback/cloudflow/definition.js';
import { Interpreter } from '../../../shared/loopback/cloudflow/interpreter.js';
import { DEFAULT_READINGS, functionResult } from '../../../shared/loopback/cloudflow/readings.js';
import { StateError } from '../../../shared/loopback/cloudflow/state-error.js';
import type { Task } from '../../../shared/loopback/cloudflow/surroundings.js';
import { OWNER, REGION } from '../../support/requests.js';
import type { Around } from './execution.js';

type FlowName = 'onboarding' | 'revocation' | 'amendment';
/** A function of ours, whose ports are what its context has: the test sees to that. */
type Handler = (event: Buffer, context: { readonly ports: Ports }) => Promise<unknown>;

const VALUES = {
  region: REGION,
  account: OWNER,
  prefix: 'leasehold',
  evidenceBucket: '',
  indexBucket: '',
  logProject: '',
};
/** Of each rule, instead of what it says: more tries differ from these only in that they come later. */
const RETRIES = 1;
const DEFINITIONS = new Map<string, Definition>(
  ['onboarding', 'revocation', 'amendment'].map((flow) => [
    flow,
    readDefinition(
      render(readFileSync(`workflows/${flow}.yaml`, 'utf8'), VALUES).replace(
        /MaxAttempts: \d+/g,
        `MaxAttempts: ${RETRIES}`,
      ),
    ),
  ]),
);
const HANDLERS = new Map<string, Handler>(
  await Promise.all(
    readdirSync('functions', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }): Promise<[string, Handler]> => {
        const { handler } = await import(`../../../functions/${name}/index.ts`);
        return [name, handler];
      }),
  ),
);

/** Resolves when the flow is over, well or not. Rejects with what is no answer of the cloud's. */
export async function runFlow(flow: FlowName, input: object, around: Around): Promise<void> {
  const interpreter = new Interpreter({
    readings: DEFAULT_READINGS,
    chance: chanceOf(flow),
    mode: 'Standard',
    execution: { Name: flow, Input: { ...input }, RoleArn: '' },
    record: () => undefined,
    enter: () => undefined,
    runTask: (task, place) => runTask(task, `${flow}${place}`, around),
    sleep: (ms) => around.ports.clock.sleep(ms / 1000),
    taskTokenAt: (place) => place,
  });
  try {
    await interpreter.run(DEFINITIONS.get(flow) as Definition);
  } catch (error) {
    // Reported by the flow itself, if it could be.
    if (!(error instanceof StateError)) throw error;
  }
}

async function runTask({ action, parameters }: Task, place: string, around: Around): Promise<unknown> {
  const [, kind, name] =
    /(function|flow)s?\/leasehold-([a-z-]+)/.exec(String(parameters['resourceArn'])) ?? [];
  const handler = HANDLERS.get(name ?? '');
  if (name === undefined)
    throw new Error(`${action} of ${String(parameters['resourceArn'])} is not known here`);
  if (kind === 'flow') {
    await runFlow(name as FlowName, parameters['input'] as object, around);
    return {};
  }
  if (handler === undefined) throw new Error(`there is no function ${name}`);
  const body = JSON.stringify(parameters['body']);
  // A flow hands its state's whole input to the function: nothing else of what was before reaches it, or what comes after.
  return around.step(`${place} ${body}`, async () => {
    try {
      const reply = await handler(Buffer.from(body), { ports: around.ports });
      return functionResult(200, JSON.parse(JSON.stringify(reply ?? {})));
    } catch (error) {
      if (error instanceof PartnerAccessError) throw new StateError(error.name, error.message);
      throw error;
    }
  });
}
