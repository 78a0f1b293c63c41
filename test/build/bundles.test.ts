import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire, SourceMap, type SourceMapping } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { ENV } from '../support/env.js';

const require = createRequire(import.meta.url);
const cut = require('../../shared/build/cut.cjs');

const BUILT = resolve('dist', 'functions');
const steps = readdirSync(BUILT);
const scriptsOf = (step: string) => readdirSync(join(BUILT, step)).filter((file) => file.endsWith('.js'));
const read = (...path: readonly string[]) => readFileSync(join(BUILT, ...path), 'utf8');
const sourcesOf = (step: string, script: string): readonly string[] =>
  JSON.parse(read(step, `${script}.map`)).sources;
/** Where the source map says the first `text` of a script comes from. */
function originOf(step: string, script: string, text: string): SourceMapping {
  const before = read(step, script).split(text)[0]?.split('\n') ?? [];
  const map = new SourceMap(JSON.parse(read(step, `${script}.map`)));
  return map.findEntry(before.length - 1, before.at(-1)?.length ?? 0) as SourceMapping;
}
const partOf = (step: string, adapter: string): string =>
  scriptsOf(step).find((file) => file.startsWith(`${adapter}-`)) ?? `no part for ${adapter}`;
/** The part, and the others that it loads and every start does not: what two parts share is a file of its own. */
function loadedWith(step: string, part: string, seen: readonly string[] = ['shared.js']): readonly string[] {
  if (seen.includes(part)) return [];
  const needed = [...read(step, part).matchAll(/require\("\.\/([^"]+)"\)/g)].map(([, name = '']) => name);
  return [part, ...needed.flatMap((name) => loadedWith(step, name, [...seen, part]))];
}
/** What is read before the first event: the step's own script, and what that asks for at once. */
const readAtStart = (step: string): readonly string[] => [
  'index.js',
  ...new Set([...read(step, 'index.js').matchAll(/=require\("\.\/([^"]+)"\)/g)].map(([, name = '']) => name)),
];
/** The script of the part that has `text`. */
const scriptWith = (step: string, part: string, text: string): string =>
  loadedWith(step, part).find((script) => read(step, script).includes(text)) ?? `no script with ${text}`;

const anyStep = 'grant-access';

describe.each(steps)('the bundle of %s', (step) => {
  it('is below 1 MB zipped, source maps and all', () => {
    const zip = new Uint8Array(readFileSync(resolve('dist', 'packages', `${step}.zip`)));
    expect(Object.keys(unzipSync(zip))).toEqual(readdirSync(join(BUILT, step)));
    expect(zip.length).toBeLessThan(1_000_000);
  });

  it('has the source map of each of its scripts beside it', () => {
    for (const script of scriptsOf(step)) {
      expect(read(step, script)).toContain(`//# sourceMappingURL=${script}.map`);
      expect(sourcesOf(step, script).length).toBeGreaterThan(0);
    }
    expect(sourcesOf(step, 'index.js')).toContain(`../../../functions/${step}/index.ts`);
  });

  it('loads at its start no SDK but that of the register', () => {
    const sources = readAtStart(step).flatMap((script) => sourcesOf(step, script));
    expect(sources.filter((source) => source.includes('node_modules/@alicloud/'))).toEqual([]);
    expect(sources).toContain('../../../node_modules/ali-oss/lib/client.js');
    const later = loadedWith(step, partOf(step, 'ram')).flatMap((script) => sourcesOf(step, script));
    expect(later.join()).toContain('@alicloud/ram20150501');
  });

  it('has in parentheses what runs as it is loaded, and nothing that may never run', () => {
    const modules = scriptsOf(step).flatMap((script) =>
      [...read(step, script).matchAll(/__commonJS\)?\(\{"([^"]+)"(:\(function)?\(/g)].map(
        ([, name = '', parentheses]) => ({ name, isCompiledAtOnce: parentheses !== undefined }),
      ),
    );
    expect(modules.length).toBeGreaterThan(100);
    expect(
      modules.filter(({ name, isCompiledAtOnce }) => isCompiledAtOnce === /\/models\/[A-Z]/.test(name)),
    ).toEqual([]);
  });

  it('has no copy of its own of what other functions have too', () => {
    for (const script of scriptsOf(step).filter((name) => name !== 'index.js'))
      expect(read(step, script) === read(anyStep, script)).toBe(true);
    const everyStepStartsWith = ['shared/step.ts', 'shared/cloud/alibaba/oss.ts', 'ali-oss/lib/client.js'];
    const own = sourcesOf(step, 'index.js').join();
    expect(everyStepStartsWith.filter((source) => own.includes(source))).toEqual([]);
  });

  it('exports its handler', () => {
    expect(require(join(BUILT, step, 'index.js')).handler).toBeTypeOf('function');
  });
});

describe('a bundle', () => {
  it('keeps the names that flows match errors by', async () => {
    const { handler } = require(join(BUILT, anyStep, 'index.js'));
    for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value);
    const context = {
      requestId: 'r',
      credentials: { accessKeyId: 'x', accessKeySecret: 'x' },
      function: { name: anyStep },
    };
    const error: Error = await handler(Buffer.from('torn'), context).catch((thrown: Error) => thrown);
    vi.unstubAllEnvs();
    expect([error.name, error.constructor.name]).toEqual(['InvalidRequestError', 'InvalidRequestError']);
    expect(error.stack).toContain('at parseStepInput');
  });

  it.each([
    ['our own', 'shared.js', 'the input of this step is not JSON', 'shared/app/inbound/step-input.ts'],
    ['the step', 'index.js', 'async function grantAccess', 'shared/app/granting/grant-access.ts'],
    [
      'a generated SDK',
      scriptWith(anyStep, partOf(anyStep, 'ram'), 'action:"GetRole"'),
      'action:"GetRole"',
      '@alicloud/ram20150501/',
    ],
    ['ali-oss', 'shared.js', 'x-oss-date', 'ali-oss/lib/'],
  ])('is mapped back to the line of %s', (_, script, text, source) => {
    const { originalSource, originalLine } = originOf(anyStep, script, text);
    expect(originalSource).toContain(source);
    const word = text.split(/\W+/).filter(Boolean).at(-1);
    const lines = readFileSync(resolve(BUILT, anyStep, originalSource), 'utf8').split('\n');
    expect(lines[originalLine]).toContain(word);
  });

  it('is the same byte by byte wherever the project lies', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'leasehold-elsewhere-'));
    for (const part of ['functions', 'shared', 'package.json', 'tsconfig.json'])
      cpSync(part, join(elsewhere, part), { recursive: true });
    symlinkSync(resolve('node_modules'), join(elsewhere, 'node_modules'));
    const folder = join('dist', 'functions', anyStep);
    const build = `import { bundleFunctions } from './shared/build/functions.mjs'; await bundleFunctions();`;
    execFileSync(process.execPath, ['--input-type=module', '--eval', build], { cwd: elsewhere });
    const filesIn = (root: string) =>
      readdirSync(join(root, folder)).map((file) => [file, readFileSync(join(root, folder, file), 'utf8')]);
    expect(filesIn(elsewhere)).toEqual(filesIn('.'));
    rmSync(elsewhere, { recursive: true });
  });

  it('has of a generated SDK the calls that an adapter makes, and no others', () => {
    const whole = scriptsOf(anyStep)
      .map((script) => read(anyStep, script))
      .join('\n');
    for (const action of ['GetRole', 'CreatePolicyVersion', 'ListPolicyAttachments', 'GetAccountSummary'])
      expect(whole).toContain(`action:"${action}"`);
    // Users are made by IMS here, which has a call of that name too; of RAM's only their policies.
    expect(whole.split('action:"CreateUser"')).toHaveLength(2);
    expect(whole.split('action:"AttachPolicyToUser"')).toHaveLength(2);
    const others = ['CreateOIDCProvider', 'CreateAppSecret', 'CreateResourceGroup', 'createEventStreaming'];
    expect(others.filter((action) => whole.includes(action))).toEqual([]);
  });
});

describe('what stands for a module that was cut', () => {
  const gone = cut('somewhere/gone.js');

  it('lets whoever only names it load', () => {
    const { member } = gone;
    expect(gone.__esModule).toBe(true);
    expect({} instanceof member).toBe(false);
  });

  it.each([
    ['called', () => gone()],
    ['asked for a member that is called', () => gone.member.of('it')],
    ['made', () => new gone.Client()],
    ['printed', () => `${gone.version}`],
    ['counted with', () => gone.limit + 1],
  ])('says its name when it is %s', (_, use) => {
    expect(use).toThrow(/somewhere\/gone\.js.* is cut from the bundle/);
  });

  it('says its name when it is waited for', async () => {
    await expect(Promise.resolve(gone.reply)).rejects.toThrow(/somewhere\/gone\.js/);
  });
});
