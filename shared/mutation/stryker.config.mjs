// Mutation testing, by command: `FOLDER=policy npm run mutate`, and so for domain and services; each is held by the tests of its name.
const folder = process.env.FOLDER ?? '{domain,policy,services}';

export default {
  mutate: [`shared/${folder}/**/*.ts`],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'shared/mutation/vitest.config.mjs' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // What runs once at the start is met by every test; to try each such mutant would take days.
  ignoreStatic: true,
  dryRunTimeoutMinutes: 30,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: 'dist/mutation/report.json' },
  clearTextReporter: { allowColor: false, reportTests: false },
  // Nothing in it to be rewritten for the sandbox, and TypeScript 7 has no API by which Stryker would read it.
  tsconfigFile: 'none',
  // Not in dist, which every build empties.
  tempDirName: '.leasehold/mutation',
  ignorePatterns: ['dist', '.git', '.leasehold'],
};
