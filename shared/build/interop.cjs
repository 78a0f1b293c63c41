'use strict';
/**
 * The compiler's helpers for modules of modules, once for all files of the generated SDKs instead of once a file. Whatever
 * these load was compiled from TypeScript, and is taken as it is.
 */
const same = (module) => {
  if (!module.__esModule)
    throw new Error('a generated SDK loads a module that was not compiled: see shared/build/README.md');
  return module;
};
module.exports = {
  __importStar: same,
  __importDefault: same,
  /** Passes the getters on, so that nothing is loaded by it. */
  __exportStar(from, to) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(from)))
      if (name !== 'default' && !Object.hasOwn(to, name)) Object.defineProperty(to, name, member);
  },
};
