'use strict';
/**
 * Stands in a function's bundle for a module that `lean.mjs` cut. Reading from it gives more of the same, so that an SDK which
 * names it loads; calling, making or printing anything of it throws, so that a cut that was wrong is found by its name at once.
 */
module.exports = function cut(what) {
  // No arrow, so that it can be asked to make something too.
  function refuse() {
    throw new Error(`${what} is cut from the bundle, yet it is used: see shared/build/README.md`);
  }
  return new Proxy(refuse, {
    get(_, member) {
      // Compiled imports ask for this, and would copy members otherwise.
      if (member === '__esModule') return true;
      // Nothing is an instance of what is not there.
      if (member === Symbol.hasInstance) return () => false;
      return cut(`${what} ${String(member)}`);
    },
    construct: refuse,
  });
};
