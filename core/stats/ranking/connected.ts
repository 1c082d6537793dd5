/** Nodes that can be reached from one, along the edges. */
function reached(start: number, edges: readonly ReadonlySet<number>[]): Set<number> {
  const seen = new Set([start]);
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const to of edges[at] ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        waiting.push(to);
      }
  return seen;
}

const turned = (edges: readonly ReadonlySet<number>[]) =>
  edges.map((_, to) => new Set(edges.flatMap((from, i) => (from.has(to) ? [i] : []))));

/** Groups of nodes between which there is any way, whatever the edges' direction; in the order of their first nodes. */
export function groupsOf(edges: readonly ReadonlySet<number>[]): number[][] {
  const back = turned(edges);
  const both = edges.map((to, i) => new Set([...to, ...(back[i] ?? [])]));
  const groups: number[][] = [];
  const placed = new Set<number>();
  for (let i = 0; i < edges.length; i++) {
    if (placed.has(i)) continue;
    const group = [...reached(i, both)].sort((a, b) => a - b);
    for (const node of group) placed.add(node);
    groups.push(group);
  }
  return groups;
}

/** Whether every node can be reached from every other along the edges. */
export const isStronglyConnected = (edges: readonly ReadonlySet<number>[]): boolean =>
  reached(0, edges).size === edges.length && reached(0, turned(edges)).size === edges.length;
