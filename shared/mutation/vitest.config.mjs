import { defineConfig } from 'vitest/config';

/** Pure code is held by pure tests: those that start an embedded cloud would take a minute a mutant. */
export default defineConfig({
  test: {
    include: [`test/${process.env.FOLDER ?? '{domain,policy,services}'}/**/*.test.ts`],
    setupFiles: ['shared/mutation/few-runs.mjs'],
    testTimeout: 300_000,
    reporters: ['dot'],
  },
});
