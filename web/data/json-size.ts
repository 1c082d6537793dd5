/** Characters of JSON beyond which a page shows no tree of it. */
export const largestJson = 2_000_000;

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** About how many characters a value takes as JSON; counting ends once it is more than `enough`. */
export function jsonSize(value: unknown, enough = largestJson): number {
  let size = 0;
  // A stack of its own, since what was recorded may be nested deeper than calls may be.
  const rest: unknown[] = [value];
  while (rest.length > 0 && size <= enough) {
    const one = rest.pop();
    if (typeof one === 'string') size += one.length + 2;
    else if (Array.isArray(one)) {
      size += one.length + 2;
      for (const child of one) rest.push(child);
    } else if (isBranch(one)) {
      for (const [key, child] of Object.entries(one)) {
        size += key.length + 4;
        rest.push(child);
      }
    } else size += 6;
  }
  return size;
}

/** How many levels of a value can start open so that no more rows than this are seen; the first always is. */
export function firstLevels(value: unknown, rows: number): number {
  let level: unknown[] = [value];
  let entries = 0;
  for (let depth = 0; depth < 6; depth++) {
    const below: unknown[] = [];
    for (const one of level) {
      if (!isBranch(one)) continue;
      for (const child of Array.isArray(one) ? one : Object.values(one)) {
        below.push(child);
        if (entries + below.length > rows) return Math.max(1, depth);
      }
    }
    if (below.length === 0) return Math.max(1, depth);
    entries += below.length;
    level = below;
  }
  return 6;
}
