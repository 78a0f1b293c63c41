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
    // `NaN` past the end, which equals nothing.
    const code = pattern.charCodeAt(p);
    if (code === STAR) {
      starAt = p++;
      resumeAt = t;
    } else if (code === QUESTION || code === text.charCodeAt(t)) {
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

/** `globMatches` for one pattern and many texts. */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true;
  if (pattern.includes('?')) return (text) => globMatches(pattern, text);
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === pattern;
  return (text) => {
    const end = text.length - tail.length;
    // For speed alone: a text too short for both would be read before its start.
    if (end < head.length || !hasAt(text, tail, end) || !hasAt(text, head, 0)) return false;
    let at = head.length;
    // What lies between stars: the leftmost find leaves most to those that follow.
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    // Nothing shares characters with the tail: `ab*ba` does not match `aba`.
    return at <= end;
  };
}

/** From the back, since ARNs begin alike and differ at the end; that is why it outruns `startsWith` and `endsWith`. */
function hasAt(text: string, part: string, at: number): boolean {
  for (let index = part.length - 1; index >= 0; index--)
    if (text.charCodeAt(at + index) !== part.charCodeAt(index)) return false;
  return true;
}

/** Far beyond what a pair of ARNs needs, and half a second at most; only patterns made to explode reach it. */
const MOST_WORK = 1_000_000;

/**
 * Whether every text that `inner` matches is matched by `outer`. Sound: `true` is always so. Exact too, but for pairs of
 * patterns so tangled that the walk is given up, which answers `false`.
 */
export function globCovers(outer: string, inner: string): boolean {
  return outer === inner || walksCover(oneStarEach(outer), oneStarEach(inner));
}

/** Stars side by side say no more than one. */
const oneStarEach = (pattern: string): string => pattern.replace(/\*+/g, '*');

function walksCover(outer: string, inner: string): boolean {
  // Walks `inner`, keeping every place that `outer` can be in. Fewer places only match less, so what holds of a character
  // that `outer` does not name holds of all; a star stands for none of them, or for one and a star again.
  const seen = new Set<string>();
  let work = 0;
  const pairs: (readonly [at: number, places: ReadonlySet<number>])[] = [[0, skipStars(outer, new Set([0]))]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [at, places] = pair;
    const key = `${at} ${[...places].sort((left, right) => left - right).join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    work += places.size;
    if (places.size === 0 || work > MOST_WORK) return false;
    if (at === inner.length) {
      if (!places.has(outer.length)) return false;
      continue;
    }
    const code = inner.charCodeAt(at);
    // A wildcard of `inner` passes for a character that `outer` does not name: there, those two are wildcards themselves.
    const next = placesAfter(outer, places, code);
    if (code === STAR) pairs.push([at + 1, places], [at, next]);
    else pairs.push([at + 1, next]);
  }
  return true;
}

/** Where `pattern` can be after one more character, from any of `places`. */
function placesAfter(pattern: string, places: ReadonlySet<number>, character: number): ReadonlySet<number> {
  const next = new Set<number>();
  for (const place of places) {
    // `NaN` at the end, from where no character leads on.
    const code = pattern.charCodeAt(place);
    if (code === STAR) next.add(place);
    else if (code === QUESTION || code === character) next.add(place + 1);
  }
  return skipStars(pattern, next);
}

/** A star may stand for nothing. */
function skipStars(pattern: string, places: Set<number>): ReadonlySet<number> {
  // What is added while walking a set is walked too.
  for (const place of places) if (pattern.charCodeAt(place) === STAR) places.add(place + 1);
  return places;
}
