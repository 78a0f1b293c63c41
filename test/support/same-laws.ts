/** Every change is tried by the same examples of each law, so that none is refused for what another did; `LAWS_SEED` says which. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['LAWS_SEED'] ?? 1) });
