import { defineConfig } from 'vitest/config';

/** Tests of parts; the others start a cloud, and take long. */
const PARTS = ['app', 'build', 'cloud', 'domain', 'loopback', 'policy', 'schemas', 'services'];
/** Puts modules of its own in the place of some. */
const ALONE = 'test/faults/interleavings/**';

/** Files share loaded modules: to load them anew for each takes as long as many of the tests themselves. */
const shared = { isolate: false };

export default defineConfig({
  test: {
    // All processors: the default leaves one idle, which is half of a small machine.
    maxWorkers: '100%',
    globalSetup: 'test/support/own-temporary-folder.ts',
    setupFiles: 'test/support/same-laws.ts',
    // Each of a function's instances has modules of its own, whose code is run too seldom for V8 to compile it unasked; and a larger
    // young generation lets most of what a call needs die there.
    execArgv: ['--always-sparkplug', '--max-semi-space-size=32'],
    reporters: process.env['CI'] === undefined ? ['default'] : ['dot'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { ...shared, name: 'parts', include: PARTS.map((part) => `test/${part}/**/*.test.ts`) },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...PARTS.map((part) => `test/${part}/**`), ALONE],
        },
      },
      { extends: true, test: { name: 'alone', include: [`${ALONE}/*.test.ts`] } },
    ],
  },
});
