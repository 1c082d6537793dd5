import type { TreeRow } from './span-tree.ts';

type Kind = NonNullable<TreeRow['span']>['kind'];

/** One step of an agent: all spans of one kind and name. */
export type GraphNode = {
  id: string;
  kind: Kind;
  name: string;
  spans: number;
  errors: number;
  running: boolean;
  /** Nanoseconds of all its spans that have ended. */
  totalNs: number;
  /** Its first span that failed, else its first. */
  spanId: string;
};
export type GraphEdge = { from: string; to: string; calls: number };
export type AgentGraph = {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** The step that each span counts to. */
  stepOf: ReadonlyMap<string, string>;
  /** Steps beyond the limit; what they called counts to who called them. */
  left: number;
};

const idOf = (kind: Kind, name: string) => `${kind} ${name}`;
/** What only passes a call on. */
const isPlain = (kind: Kind) => kind === 'span' || kind === 'event';

/** The most frequent steps, in the order in which they first happened. */
function stepsOf(rows: TreeRow[], options: { plain: boolean; limit: number }) {
  const all = new Map<string, GraphNode>();
  for (const row of rows) {
    const { span } = row;
    if (span === null || (!options.plain && row.parent >= 0 && isPlain(span.kind))) continue;
    const id = idOf(span.kind, span.name);
    const failed = span.status === 'error';
    const node = all.get(id) ?? {
      id,
      kind: span.kind,
      name: span.name,
      spans: 0,
      errors: 0,
      running: false,
      totalNs: 0,
      spanId: span.spanId,
    };
    if (failed && node.errors === 0) node.spanId = span.spanId;
    node.spans += 1;
    node.errors += failed ? 1 : 0;
    node.running ||= row.lengthNs === null;
    node.totalNs += row.lengthNs ?? 0;
    all.set(id, node);
  }
  const kept = new Set([...all.values()].sort((a, b) => b.spans - a.spans).slice(0, options.limit));
  return { nodes: [...all.values()].filter((node) => kept.has(node)), left: all.size - kept.size };
}

function graphOf(rows: TreeRow[], options: { plain: boolean; limit: number }): AgentGraph {
  const { nodes, left } = stepsOf(rows, options);
  const known = new Set(nodes.map((node) => node.id));
  const edges = new Map<string, GraphEdge>();
  const stepOf = new Map<string, string>();
  /** For each row, the step that it is, or is inside of. */
  const owners: (string | null)[] = [];
  for (const row of rows) {
    const caller = owners[row.parent] ?? null;
    const own = row.span && idOf(row.span.kind, row.span.name);
    const step =
      own !== null && known.has(own) && (options.plain || row.parent < 0 || !isPlain(row.span?.kind ?? 'span'))
        ? own
        : null;
    owners.push(step ?? caller);
    const counted = step ?? caller;
    if (counted !== null) stepOf.set(row.id, counted);
    if (step === null || caller === null) continue;
    const key = `${caller}\n${step}`;
    const edge = edges.get(key) ?? { from: caller, to: step, calls: 0 };
    edge.calls += 1;
    edges.set(key, edge);
  }
  return { nodes, edges: [...edges.values()], stepOf, left };
}

/**
 * Who called what, how often: spans of one kind and name are one step, whatever their number. Spans that are neither
 * agent, model, tool nor chain are seen through, unless nothing else is there.
 */
export function buildAgentGraph(rows: TreeRow[], limit = 60): AgentGraph {
  const graph = graphOf(rows, { plain: false, limit });
  return graph.nodes.length > 1 ? graph : graphOf(rows, { plain: true, limit });
}
