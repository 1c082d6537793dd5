/** A node of the tree that the parser gives. */
export type Node = { type: string; start: number; end: number; [key: string]: unknown };

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

export const nodeAt = (node: Node, key: string): Node | null => (isNode(node[key]) ? node[key] : null);

export function nodesAt(node: Node, key: string): Node[] {
  const list = node[key];
  return Array.isArray(list) ? list.filter(isNode) : [];
}

export const nameOf = (node: Node | null): string | null =>
  node?.type === 'Identifier' && typeof node.name === 'string' ? node.name : null;

/** Sees the node and all below it; what is below one for which `see` answers `false` is left out. */
export function visit(node: Node, see: (node: Node) => unknown): void {
  if (see(node) === false) return;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see);
  }
}
