import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpressionError } from '../../../shared/loopback/cloudflow/expression-error.js';
import { ANY_KIND, parseExpression } from '../../../shared/loopback/cloudflow/expressions.js';
import { expression, scopeOf } from './arbitraries.js';
import { ACCOUNT, type FlowWorld, startFlows } from './world.js';

describe('an expression that can be read', () => {
  const variables = {
    $Input: { n: 1, list: ['x', { a: 1 }] },
    $Global: { g: 2 },
    $Context: { Current: {} },
    [ANY_KIND]: true,
  };
  it('has a value of JSON or is refused, and nothing else', () => {
    fc.assert(
      fc.property(expression, (text) => {
        try {
          const value = parseExpression(text)(variables);
          expect(JSON.parse(JSON.stringify({ value }))).toHaveProperty('value');
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['regexMatchString("(a+)+$", $Input.s)', 'regexMatchString("(x|x)*y$", $Input.x)'])(
    'does not hang: %s',
    (text) => {
      const hard = { $Input: { s: `${'a'.repeat(60)}b`, x: 'x'.repeat(60) } };
      expect(() => parseExpression(text)(hard)).toThrow(ExpressionError);
    },
  );
});

describe('a flow that is well formed', () => {
  let world: FlowWorld;
  let count = 0;
  beforeAll(async () => {
    world = await startFlows({ readings: { undocumentedExpressions: true } });
  });
  afterAll(() => world.close());

  it('ends, as a success or a failure, with a history that fits', async () => {
    const ended = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scopeOf(1), async (scope) => {
        const Name = `f${count++}`;
        const Definition = JSON.stringify({ Type: 'StateMachine', SpecVersion: 'v1', Name, ...scope });
        const RoleArn = `acs:ram::${ACCOUNT}:role/flows`;
        try {
          await world.call('CreateFlow', { Name, Type: 'FDL', Description: 'd', Definition, RoleArn });
        } catch (error) {
          // Constructors with a key both ways, and expressions of too many calls.
          expect(error).toMatchObject({ code: 'InvalidArgument' });
          return;
        }
        const Input = '{"n":1,"list":[{"n":1},{"list":[]}]}';
        await world.call('StartExecution', { FlowName: Name, Input });
        await world.clock.runUntilIdle();
        const [execution] = world.flows.executionsOf(ACCOUNT, Name);
        expect(['Succeeded', 'Failed']).toContain(execution?.status);
        expect(execution?.history.length).toBeLessThanOrEqual(5_000);
        expect(execution?.history.at(-1)?.Type).toBe(`Execution${execution?.status}`);
        ended.add(execution?.failure?.code ?? 'Succeeded');
        await world.call('DeleteFlow', { Name });
      }),
      { numRuns: 60 },
    );
    expect(ended).toContain('Succeeded');
    expect(ended).toContain('FnF.RuntimeError');
  }, 60_000);
});
