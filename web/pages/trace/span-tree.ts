import type { SpanSummaryBody } from '@wheelhouse/sdk';

/** One row of the waterfall: a span, or the place of a parent that has not been reported. */
export type TreeRow = {
  id: string;
  /** null: the parent of orphans, not seen yet. */
  span: SpanSummaryBody | null;
  depth: number;
  /** Index of the row above in the tree; -1 for a root. */
  parent: number;
  /** Index after the last descendant. */
  end: number;
  /** How many spans are below. */
  below: number;
  /** Nanoseconds since the trace began. */
  startNs: number;
  /** Nanoseconds; null while running. */
  lengthNs: number | null;
};

export type SpanTree = {
  rows: TreeRow[];
  startNs: bigint;
  /** From the first start to the last end known; what still runs reaches further. */
  lengthNs: number;
  running: boolean;
};

type Pending = { missingId: string };
type Item = { node: SpanSummaryBody | Pending; depth: number; parent: number };

const isPending = (node: SpanSummaryBody | Pending): node is Pending => 'missingId' in node;

const pendingId = (missingId: string) => `pending-${missingId}`;

/**
 * All spans, depth first, in order of start. Orphans stand under a pending row for their parent; spans whose parents
 * form a circle become roots, so that every span has exactly one row. No recursion: a chain may be 10,000 deep.
 */
export function buildSpanTree(spans: SpanSummaryBody[]): SpanTree {
  const known = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, SpanSummaryBody[]>();
  const roots: (SpanSummaryBody | Pending)[] = [];
  for (const span of spans) {
    if (span.parentSpanId === null) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(span.parentSpanId);
    if (siblings) siblings.push(span);
    else {
      children.set(span.parentSpanId, [span]);
      if (!known.has(span.parentSpanId)) roots.push({ missingId: span.parentSpanId });
    }
  }
  let first: bigint | null = null;
  let last = 0n;
  for (const span of spans) {
    const start = BigInt(span.startNs);
    const end = span.endNs === null ? start : BigInt(span.endNs);
    if (first === null || start < first) first = start;
    if (end > last) last = end;
  }
  const startNs = first ?? 0n;

  const rows: TreeRow[] = [];
  const placed = new Set<string>();
  const place = (root: SpanSummaryBody | Pending) => {
    const stack: Item[] = [{ node: root, depth: 0, parent: -1 }];
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { node, depth, parent } = item;
      const id = isPending(node) ? node.missingId : node.spanId;
      if (placed.has(id)) continue;
      placed.add(id);
      const index = rows.length;
      rows.push(isPending(node) ? pendingRow(node) : spanRow(node, { depth, parent, startNs }));
      const below = children.get(id) ?? [];
      for (let i = below.length - 1; i >= 0; i--) {
        const child = below[i];
        if (child) stack.push({ node: child, depth: depth + 1, parent: index });
      }
    }
  };
  for (const root of roots) place(root);
  for (const span of spans) if (!placed.has(span.spanId)) place(span);
  closeSubtrees(rows);
  return {
    rows,
    startNs,
    lengthNs: Math.max(1, Number(last - startNs)),
    running: spans.some((span) => span.endNs === null),
  };
}

function pendingRow({ missingId }: Pending): TreeRow {
  return { id: pendingId(missingId), span: null, depth: 0, parent: -1, end: 0, below: 0, startNs: 0, lengthNs: null };
}

function spanRow(span: SpanSummaryBody, at: { depth: number; parent: number; startNs: bigint }): TreeRow {
  return {
    id: span.spanId,
    span,
    depth: at.depth,
    parent: at.parent,
    end: 0,
    below: 0,
    startNs: Number(BigInt(span.startNs) - at.startNs),
    lengthNs: span.endNs === null ? null : Number(BigInt(span.endNs) - BigInt(span.startNs)),
  };
}

/** From the back, each row tells its parent where its own subtree ends. */
function closeSubtrees(rows: TreeRow[]): void {
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (!row) continue;
    row.end = Math.max(row.end, i + 1);
    row.below = row.end - i - 1;
    const parent = rows[row.parent];
    if (parent) parent.end = Math.max(parent.end, row.end);
  }
}

/** Indices of the rows that are not inside a folded one. */
export function visibleRows(rows: TreeRow[], folded: ReadonlySet<string>): number[] {
  const visible: number[] = [];
  for (let i = 0; i < rows.length; ) {
    const row = rows[i];
    if (!row) break;
    visible.push(i);
    i = folded.has(row.id) ? row.end : i + 1;
  }
  return visible;
}

/** Indices of all rows that are spans, the earliest first; what began together in the order of the tree. */
export function inOrderOfStart(rows: TreeRow[]): number[] {
  const indices = [...rows.keys()].filter((index) => rows[index]?.span);
  return indices.sort((a, b) => (rows[a]?.startNs ?? 0) - (rows[b]?.startNs ?? 0));
}

/** What stays folded when a row is to be seen. */
export function without(folded: ReadonlySet<string>, rows: TreeRow[], index: number): ReadonlySet<string> {
  const open = new Set(folded);
  for (let row = rows[rows[index]?.parent ?? -1]; row; row = rows[row.parent]) open.delete(row.id);
  return open.size === folded.size ? folded : open;
}

/** Where a reader wants to start: the innermost span of the first failure, else the first span. */
export function firstOfInterest(rows: TreeRow[]): string | null {
  const failed = (row: TreeRow | undefined) => row?.span?.status === 'error';
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!row || !failed(row)) continue;
    let innermost = row;
    for (let j = i + 1; j < row.end; j++) {
      const below = rows[j];
      if (below && failed(below) && rows[below.parent] === innermost) innermost = below;
    }
    return innermost.id;
  }
  return rows.find((row) => row.span)?.id ?? null;
}
