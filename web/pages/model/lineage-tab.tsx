import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { LineageBody } from '@wheelhouse/sdk';
import { useEffect, useMemo, useRef } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import { box, layoutGraph } from '../../data/graph-layout.ts';
import { lineagePlace } from '../../data/lineage-link.ts';
import { lineageQuery } from '../../data/registry-queries.ts';
import { Loading, RequestError } from '../../parts/request-state.tsx';

type Node = LineageBody['nodes'][number];

const colors: Record<string, string> = {
  version: 'var(--accent)',
  alias: 'var(--k-agent)',
  evaluation: 'var(--k-eval)',
  dataset: 'var(--k-retrieval)',
  example: 'var(--k-retrieval)',
  trace: 'var(--k-llm)',
  span: 'var(--k-llm)',
};

function NodeBox({ node, x, y, current }: { node: Node; x: number; y: number; current: boolean }) {
  const { kind, label, href } = lineagePlace(node.ref);
  const calls = node.spans && node.spans.count > 0 ? `${plural(node.spans.count, 'call')} in 30 d` : null;
  const text = (
    <>
      <span className="mono block truncate font-medium">{label}</span>
      <span className="block truncate text-xs text-text-2">
        {kind}
        {!node.known && ' · gone'}
        {calls && ` · ${calls}`}
      </span>
    </>
  );
  const look = `absolute flex flex-col justify-center overflow-hidden rounded-2 border bg-surface px-2.5 ${current ? 'border-accent !bg-accent-bg shadow-[0_0_0_1px_var(--accent)]' : 'border-line-strong'}`;
  const style = { left: x, top: y, ...box, borderLeft: `3px solid ${colors[kind] ?? 'var(--border-strong)'}` };
  return href !== null && node.known ? (
    <Link
      to={href}
      title={node.ref}
      className={`${look} hover:bg-sunken`}
      style={style}
      aria-current={current ? 'true' : undefined}
    >
      {text}
    </Link>
  ) : (
    <div title={node.ref} className={look} style={style}>
      {text}
    </div>
  );
}

/** The same as rows, for whoever cannot see lines. */
function LineageTable({ lineage }: { lineage: LineageBody }) {
  return (
    <details className="border-t border-line px-3 py-2">
      <summary className="min-h-6 text-sm leading-6 text-text-2">
        {plural(lineage.nodes.length, 'thing')}, {plural(lineage.edges.length, 'step')} between them, as a table
        {lineage.more && '; there is more than is shown'}
      </summary>
      <table className="mt-1 text-sm">
        <thead>
          <tr className="text-left text-text-3">
            <th className="pr-6 font-medium">From</th>
            <th className="font-medium">came</th>
          </tr>
        </thead>
        <tbody>
          {lineage.edges.map(({ from, to }) => (
            <tr key={`${from}\n${to}`}>
              <td className="mono pr-6 break-all">{from}</td>
              <td className="mono break-all">{to}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Graph({ lineage }: { lineage: LineageBody }) {
  const scroller = useRef<HTMLDivElement>(null);
  const layout = useMemo(
    () =>
      layoutGraph(
        lineage.nodes.map(({ ref }) => ref),
        lineage.edges,
      ),
    [lineage],
  );
  useEffect(() => {
    const element = scroller.current;
    const place = layout.places.get(lineage.of);
    if (!element || !place) return;
    element.scrollLeft = place.x + box.width / 2 - element.clientWidth / 2;
    element.scrollTop = place.y - element.clientHeight / 2;
  }, [layout, lineage.of]);
  return (
    <div
      ref={scroller}
      role="group"
      aria-label="Lineage"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-80 flex-1 overflow-auto bg-surface -outline-offset-2"
    >
      <div className="relative mx-auto" style={{ width: layout.width, height: layout.height }}>
        <svg width={layout.width} height={layout.height} aria-hidden="true" className="absolute inset-0">
          <defs>
            <marker
              id="came"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
              markerUnits="userSpaceOnUse"
            >
              <path d="M0 0 8 4 0 8z" fill="var(--border-strong)" />
            </marker>
          </defs>
          {layout.edges.map(({ edge, path }) => (
            <path
              key={`${edge.from}\n${edge.to}`}
              d={path}
              fill="none"
              stroke={edge.from === lineage.of || edge.to === lineage.of ? 'var(--text-2)' : 'var(--border-strong)'}
              markerEnd="url(#came)"
            />
          ))}
        </svg>
        {lineage.nodes.map((node) => {
          const place = layout.places.get(node.ref);
          return place ? <NodeBox key={node.ref} node={node} {...place} current={node.ref === lineage.of} /> : null;
        })}
      </div>
    </div>
  );
}

/** What made this version, and what was made from it. */
export function LineageTab({ of }: { of: string }) {
  const { client } = useData();
  const query = useQuery(lineageQuery(client, of));
  if (query.error) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the lineage" />;
  const lineage = query.data;
  const [above, below] = [
    lineage.nodes.filter(({ distance }) => distance < 0).length,
    lineage.nodes.filter(({ distance }) => distance > 0).length,
  ];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <p className="border-b border-line px-4 py-2 text-text-2">
        What made <span className="mono">{of.slice(of.indexOf(':') + 1)}</span> stands above it ({count(above)}), what
        was made from it below ({count(below)}).
      </p>
      <Graph lineage={lineage} />
      <div className="max-h-60 flex-none overflow-auto">
        <LineageTable lineage={lineage} />
      </div>
    </div>
  );
}
