import { defineConfig } from 'vitest/config';

/** Tests of parts, which share loaded modules: to load them anew for each file takes as long as the tests themselves. */
const PARTS = ['app', 'build', 'cloud', 'domain', 'loopback', 'policy', 'schemas', 'services'];

export default defineConfig({
  test: {
    // All processors: the default leaves one idle, which is half of a small machine.
    maxWorkers: '100%',
    reporters: process.env['CI'] === undefined ? ['default'] : ['dot'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'parts', isolate: false, include: PARTS.map((part) => `test/${part}/**/*.test.ts`) },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: PARTS.map((part) => `test/${part}/**`),
        },
      },
    ],
  },
});
