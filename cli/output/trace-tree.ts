import { formatDuration } from '@wheelhouse/core/records';
import type { SpanSummaryBody, TraceBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { cut, plain } from './text.ts';
import { costText, latencyText } from './trace-table.ts';

/** Deeper spans are no further to the right; their depth stands there instead. */
const deepest = 16;

type Placed = { span: SpanSummaryBody; depth: number };

/** Depth first, by start; spans whose parent is not there stand at the top, and rings are cut. */
function inTree(spans: readonly SpanSummaryBody[]): Placed[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string | null, SpanSummaryBody[]>();
  for (const span of spans) {
    const parent = span.parentSpanId !== null && ids.has(span.parentSpanId) ? span.parentSpanId : null;
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const walk = (roots: readonly SpanSummaryBody[]) => {
    const open = roots.map((span): Placed => ({ span, depth: 0 })).reverse();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next.span.spanId)) continue;
      seen.add(next.span.spanId);
      placed.push(next);
      const below = children.get(next.span.spanId) ?? [];
      for (const span of below.toReversed()) open.push({ span, depth: next.depth + 1 });
    }
  };
  walk(children.get(null) ?? []);
  for (const span of spans) if (!seen.has(span.spanId)) walk([span]);
  return placed;
}

const glyphs: Partial<Record<SpanSummaryBody['kind'], string>> = {
  generation: '◆',
  tool: '▸',
  agent: '●',
  retriever: '▪',
  embedding: '◇',
};

function spanName({ span, depth }: Placed, style: Style): string {
  const indent = depth <= deepest ? '  '.repeat(depth) : `${'  '.repeat(deepest)}${depth}› `;
  const model = span.model ?? span.responseModel ?? span.requestModel;
  const name = cut(plain(span.name || span.kind), 44);
  const shown = model === null || name.includes(model) ? name : `${name} · ${cut(plain(model), 28)}`;
  return `${indent}${span.status === 'error' ? style.red('✕') : (glyphs[span.kind] ?? '·')} ${shown}`;
}

function headOf({ trace, scores }: TraceBody, style: Style): string[] {
  const status = trace.status === 'error' ? style.red(`✕ ${plain(trace.statusMessage ?? 'error')}`) : style.green('✓');
  const facts = [
    trace.endNs === null ? 'running' : latencyText(trace),
    costText(trace.costNanoUsd),
    `${trace.inputTokens.toLocaleString('en')} → ${trace.outputTokens.toLocaleString('en')} tokens`,
    `${trace.spanCount.toLocaleString('en')} ${trace.spanCount === 1 ? 'span' : 'spans'}`,
    ...(trace.errorCount > 0 ? [`${trace.errorCount.toLocaleString('en')} failed`] : []),
  ];
  const about = [
    ['session', trace.sessionId],
    ['user', trace.userId],
    ['service', trace.service],
    ['environment', trace.environment],
    ['tags', trace.tags.join(', ')],
  ].filter(([, value]) => value !== null && value !== '');
  return [
    `  ${style.bold(plain(trace.name))}  ${status}`,
    `  ${facts.join(' · ')}`,
    `  ${style.dim(`${new Date(Number(BigInt(trace.startNs) / 1_000_000n)).toISOString()}  ${trace.traceId}`)}`,
    ...(about.length > 0
      ? [`  ${about.map(([name, value]) => `${style.dim(name ?? '')} ${plain(value ?? '')}`).join('  ')}`]
      : []),
    ...(trace.inputPreview === '' ? [] : [`  ${style.dim('in ')} ${plain(trace.inputPreview)}`]),
    ...(trace.outputPreview === '' ? [] : [`  ${style.dim('out')} ${plain(trace.outputPreview)}`]),
    ...scores.map(({ name, value, comment, source }) => {
      const why = comment === null || comment === '' ? '' : `  ${plain(comment)}`;
      return `  ${style.dim('score')} ${plain(name)} ${plain(String(value))} ${style.dim(source)}${why}`;
    }),
  ];
}

/** A trace for eyes: what it is, then its spans as a tree, with when they began, how long they took, and what they cost. */
export function traceTree(body: TraceBody, style: Style): string {
  const start = BigInt(body.trace.startNs);
  const rows = inTree(body.spans).map((placed) => {
    const { span } = placed;
    return [
      { text: spanName(placed, style) },
      { text: `+${formatDuration(BigInt(span.startNs) - start)}`, paint: style.dim },
      latencyText(span),
      span.usage === null ? '' : costText(span.costNanoUsd),
      { text: span.status === 'error' ? cut(plain(span.statusMessage ?? 'error'), 60) : '', paint: style.red },
    ];
  });
  const head = ['SPAN', 'AT', 'LATENCY', 'COST', ''].map((text) => ({ text, paint: style.dim }));
  const table = renderTable([head, ...rows], ['left', 'right', 'right', 'right', 'left']);
  return `${[...headOf(body, style), '', ...table].join('\n')}\n`;
}
