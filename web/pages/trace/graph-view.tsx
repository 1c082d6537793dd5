import { useEffect, useMemo, useRef } from 'react';
import { count, duration, plural } from '../../data/format.ts';
import { box, layoutGraph, type PlacedEdge } from '../../data/graph-layout.ts';
import { KindIcon, kindColor } from '../../parts/kind-icon.tsx';
import { type AgentGraph, buildAgentGraph, type GraphEdge, type GraphNode } from './agent-graph.ts';
import type { SpanTree } from './span-tree.ts';

/** How thick an edge gets: the tenth call of a step says less than the second. */
const strokeOf = (calls: number) => Math.min(4, 1 + Math.log2(calls) / 2);

function EdgeLine({ placed, strong }: { placed: PlacedEdge<GraphEdge>; strong: boolean }) {
  const { edge, path, middle, back } = placed;
  return (
    <g>
      <path
        d={path}
        fill="none"
        stroke={strong ? 'var(--text-2)' : 'var(--border-strong)'}
        strokeWidth={strokeOf(edge.calls)}
        strokeDasharray={back ? '5 4' : undefined}
        markerEnd="url(#arrow)"
      />
      {edge.calls > 1 && (
        <text x={middle.x} y={middle.y + 4} textAnchor="middle" className="graph-label mono">
          ×{count(edge.calls)}
        </text>
      )}
    </g>
  );
}

type NodeBoxProps = { node: GraphNode; x: number; y: number; selected: boolean; onSelect: (spanId: string) => void };

function NodeBox({ node, x, y, selected, onSelect }: NodeBoxProps) {
  const took = node.running ? 'running' : duration(String(Math.round(node.totalNs)));
  return (
    <button
      type="button"
      aria-pressed={selected}
      title={`${node.name}\n${plural(node.spans, 'span')}, ${took} in all`}
      className={`absolute flex flex-col justify-center gap-0.5 overflow-hidden rounded-2 border bg-surface px-2.5 text-left hover:bg-sunken ${selected ? 'border-accent !bg-accent-bg shadow-[0_0_0_1px_var(--accent)]' : node.errors > 0 ? 'border-bad' : 'border-line-strong'}`}
      style={{ left: x, top: y, ...box, borderLeft: `3px solid ${kindColor(node.kind)}` }}
      onClick={() => onSelect(node.spanId)}
    >
      <span className="flex w-full items-center gap-1.5">
        <KindIcon kind={node.kind} />
        <span className="min-w-0 truncate font-medium">{node.name}</span>
        {node.spans > 1 && <span className="mono ml-auto flex-none text-xs text-text-2">×{count(node.spans)}</span>}
      </span>
      <span className="flex w-full gap-2 text-xs text-text-2">
        <span className="mono">{took}</span>
        {node.errors > 0 && <span className="text-bad">✕ {plural(node.errors, 'error')}</span>}
      </span>
    </button>
  );
}

/** The same as rows, for whoever cannot see lines. */
function GraphTable({ graph }: { graph: AgentGraph }) {
  const nameOf = new Map(graph.nodes.map((node) => [node.id, node.name]));
  return (
    <details className="border-t border-line px-3 py-2">
      <summary className="min-h-6 text-sm leading-6 text-text-2">
        {plural(graph.nodes.length, 'step')}, {plural(graph.edges.length, 'way')} between them, as a table
        {graph.left > 0 && `; ${plural(graph.left, 'rarer step')} left out`}
      </summary>
      <table className="mt-1 text-sm">
        <thead>
          <tr className="text-left text-text-3">
            <th className="pr-6 font-medium">Step</th>
            <th className="pr-6 font-medium">calls</th>
            <th className="text-right font-medium">times</th>
          </tr>
        </thead>
        <tbody>
          {graph.edges.map(({ from, to, calls }) => (
            <tr key={`${from}\n${to}`}>
              <td className="pr-6">{nameOf.get(from)}</td>
              <td className="pr-6">{nameOf.get(to)}</td>
              <td className="mono text-right">{count(calls)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

type GraphViewProps = { tree: SpanTree; selected: string | null; onSelect: (spanId: string) => void };

/** Who called what and how often, as one picture. */
export function GraphView({ tree, selected, onSelect }: GraphViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const graph = useMemo(() => buildAgentGraph(tree.rows), [tree]);
  const layout = useMemo(
    () =>
      layoutGraph(
        graph.nodes.map((node) => node.id),
        graph.edges,
      ),
    [graph],
  );
  const current = selected === null ? undefined : graph.stepOf.get(selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the first look needs to be led to the middle.
  useEffect(() => {
    const element = scroller.current;
    if (element) element.scrollLeft = (layout.width - element.clientWidth) / 2;
  }, []);
  return (
    <>
      <div
        ref={scroller}
        role="group"
        aria-label="Agent graph"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto bg-surface -outline-offset-2"
      >
        <div className="relative mx-auto" style={{ width: layout.width, height: layout.height }}>
          <svg width={layout.width} height={layout.height} aria-hidden="true" className="absolute inset-0">
            <defs>
              <marker
                id="arrow"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto-start-reverse"
                markerUnits="userSpaceOnUse"
              >
                <path d="M0 0 8 4 0 8z" fill="var(--border-strong)" />
              </marker>
            </defs>
            {layout.edges.map((placed) => (
              <EdgeLine
                key={`${placed.edge.from}\n${placed.edge.to}`}
                placed={placed}
                strong={placed.edge.from === current || placed.edge.to === current}
              />
            ))}
          </svg>
          {graph.nodes.map((node) => {
            const place = layout.places.get(node.id);
            return place ? (
              <NodeBox key={node.id} node={node} {...place} selected={node.id === current} onSelect={onSelect} />
            ) : null;
          })}
        </div>
      </div>
      <div className="max-h-60 flex-none overflow-auto">
        <GraphTable graph={graph} />
      </div>
    </>
  );
}
