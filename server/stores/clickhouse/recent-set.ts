export type RecentSet = { has(key: string): boolean; add(key: string): void; delete(key: string): void };

/** Remembers about the last `limit` keys that were added or asked for; forgets in two steps instead of one by one. */
export function createRecentSet(limit: number): RecentSet {
  let young = new Set<string>();
  let old = new Set<string>();
  function add(key: string): void {
    if (young.size >= limit / 2) {
      old = young;
      young = new Set();
    }
    young.add(key);
  }
  return {
    has(key) {
      if (young.has(key)) return true;
      if (!old.has(key)) return false;
      add(key);
      return true;
    },
    add,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
