/** `*` matches any run of characters, also across `:` and `/`; `?` exactly one. Source: RAM "Policy elements". */

const STAR = 42;
const QUESTION = 63;

/** Whether `text` matches `pattern`. Time at most pattern × text: one star is remembered at a time. */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    const code = pattern.charCodeAt(p);
    if (p < pattern.length && code === STAR) {
      starAt = p++;
      resumeAt = t;
    } else if (p < pattern.length && (code === QUESTION || code === text.charCodeAt(t))) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

/**
 * Whether every text that `inner` matches is matched by `outer`: `inner`'s wildcards are walked as symbols of their own, a
 * star being any run, empty or not. Sound and, for these two wildcards over an unbounded alphabet, exact.
 */
export function globCovers(outer: string, inner: string): boolean {
  // States of `outer` reachable after a prefix of `inner`; a star of `inner` must be covered by a star of `outer`.
  const closure = (states: Set<number>): Set<number> => {
    for (const state of states) if (outer.charCodeAt(state) === STAR) states.add(state + 1);
    return states;
  };
  const step = (states: Set<number>, code: number): Set<number> => {
    const next = new Set<number>();
    for (const state of states) {
      const at = outer.charCodeAt(state);
      if (state >= outer.length) continue;
      if (at === STAR) next.add(state);
      else if (at === QUESTION || (code !== ANY && at === code)) next.add(state + 1);
    }
    return closure(next);
  };
  return coversFrom(closure(new Set([0])), inner, 0, outer.length, step);
}

/** A character that no pattern names: what `?` and `*` of the inner pattern stand for at their widest. */
const ANY = -1;

function coversFrom(
  states: Set<number>,
  inner: string,
  at: number,
  accept: number,
  step: (states: Set<number>, code: number) => Set<number>,
): boolean {
  let current = states;
  for (let index = at; index < inner.length; index++) {
    const code = inner.charCodeAt(index);
    if (code === QUESTION) current = step(current, ANY);
    else if (code !== STAR) current = step(current, code);
    else {
      // Any number of unnamed characters may stand here: what holds must hold after none, one, two … until nothing new comes.
      const seen = new Set<string>();
      for (let reached = current; ; reached = step(reached, ANY)) {
        const key = [...reached].sort((a, b) => a - b).join();
        if (seen.has(key)) return true;
        seen.add(key);
        if (!coversFrom(reached, inner, index + 1, accept, step)) return false;
      }
    }
    if (current.size === 0) return false;
  }
  return current.has(accept);
}
