import fc from 'fast-check';

/** A mutant that a law finds at all is found by fewer runs than a law deserves; and nobody reads the shrunk case. */
fc.configureGlobal({ numRuns: 30, endOnFailure: true });
