import type { SpanSummaryBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { buildAgentGraph } from './agent-graph.ts';
import { buildSpanTree } from './span-tree.ts';

const span = (spanId: string, parentSpanId: string | null, more: Partial<SpanSummaryBody>): SpanSummaryBody => ({
  ...{ traceId: 't', spanId, parentSpanId, kind: 'span', name: spanId, startNs: '0', endNs: '5', firstTokenNs: null },
  ...{ status: 'ok', statusMessage: null, provider: null, requestModel: null, responseModel: null, model: null },
  ...{ usage: null, costNanoUsd: null },
  ...more,
});
const graph = (spans: SpanSummaryBody[], limit?: number) => buildAgentGraph(buildSpanTree(spans).rows, limit);

describe('the graph of an agent', () => {
  const spans = [
    span('1', null, { kind: 'agent', name: 'support' }),
    span('2', '1', { kind: 'span', name: 'POST /v1/chat' }),
    span('3', '2', { kind: 'generation', name: 'chat' }),
    span('4', '1', { kind: 'tool', name: 'find', startNs: '1' }),
    span('5', '1', { kind: 'tool', name: 'find', startNs: '2', status: 'error' }),
    span('6', '5', { kind: 'agent', name: 'support', startNs: '3', endNs: null }),
  ];

  it('counts calls of the same step once, through spans that only pass them on', () => {
    const { nodes, edges } = graph(spans);
    expect(nodes.map(({ name, spans, errors, running }) => [name, spans, errors, running])).toEqual([
      ['support', 2, 0, true],
      ['chat', 1, 0, false],
      ['find', 2, 1, false],
    ]);
    expect(edges.map(({ from, to, calls }) => `${from} > ${to} ${calls}`)).toEqual([
      'agent support > generation chat 1',
      'agent support > tool find 2',
      'tool find > agent support 1',
    ]);
  });

  it('opens a step at its first failure', () => {
    expect(graph(spans).nodes.find((node) => node.name === 'find')?.spanId).toBe('5');
  });

  it('knows the step of every span', () => {
    expect([...graph(spans).stepOf]).toContainEqual(['2', 'agent support']);
  });

  it('shows plain spans where nothing else is', () => {
    expect(graph([span('1', null, {}), span('2', '1', {})]).nodes.map((node) => node.name)).toEqual(['1', '2']);
  });

  it('keeps the most frequent steps and says how many it left out', () => {
    const { nodes, left } = graph(spans, 2);
    expect([nodes.map((node) => node.name), left]).toEqual([['support', 'find'], 1]);
  });
});
