import type { SpanSummaryBody } from '@wheelhouse/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSpanTree, firstOfInterest, inOrderOfStart, visibleRows, without } from './span-tree.ts';

const span = (id: string, parent: string | null, change: Partial<SpanSummaryBody> = {}): SpanSummaryBody => ({
  traceId: 't',
  spanId: id,
  parentSpanId: parent,
  kind: 'span',
  name: id,
  startNs: '1000',
  endNs: '2000',
  firstTokenNs: null,
  status: 'ok',
  statusMessage: null,
  provider: null,
  requestModel: null,
  responseModel: null,
  model: null,
  usage: null,
  costNanoUsd: null,
  ...change,
});

const ids = (spans: SpanSummaryBody[]) => buildSpanTree(spans).rows.map((row) => row.id);

describe('the span tree', () => {
  it('puts children under their parent, depth first, in the order given', () => {
    const { rows } = buildSpanTree([span('a', null), span('b', 'a'), span('c', 'b'), span('d', 'a')]);
    expect(rows.map((row) => [row.id, row.depth, row.below])).toEqual([
      ['a', 0, 3],
      ['b', 1, 1],
      ['c', 2, 0],
      ['d', 1, 0],
    ]);
  });

  it('puts orphans under one pending row for their parent', () => {
    const { rows } = buildSpanTree([span('a', null), span('b', 'x'), span('c', 'x')]);
    expect(rows.map((row) => [row.id, row.depth])).toEqual([
      ['a', 0],
      ['pending-x', 0],
      ['b', 1],
      ['c', 1],
    ]);
  });

  it('keeps spans whose parents form a circle', () => {
    expect(ids([span('a', 'b'), span('b', 'a')])).toEqual(['a', 'b']);
  });

  it('lists its spans as a log in order of start, without those that were not reported', () => {
    const { rows } = buildSpanTree([
      span('a', null),
      span('b', 'a', { startNs: '3000' }),
      span('c', 'x', { startNs: '2000' }),
    ]);
    expect(inOrderOfStart(rows).map((index) => rows[index]?.id)).toEqual(['a', 'c', 'b']);
  });

  it('builds a chain of 20,000 without running out of stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => span(`s${i}`, i === 0 ? null : `s${i - 1}`));
    expect(buildSpanTree(chain).rows.at(-1)?.depth).toBe(19_999);
  });

  it('has exactly one row for each span, whatever the parents', () => {
    const spans = fc
      .array(fc.option(fc.nat(25), { nil: null }), { maxLength: 20 })
      .map((parents) => parents.map((parent, i) => span(`s${i}`, parent === null ? null : `s${parent}`)));
    fc.assert(
      fc.property(spans, (list) => {
        const rows = buildSpanTree(list).rows.filter((row) => row.span);
        expect(rows.map((row) => row.id).sort()).toEqual(list.map((one) => one.spanId).sort());
      }),
    );
  });

  it('hides what is inside a folded row and nothing else', () => {
    const { rows } = buildSpanTree([span('a', null), span('b', 'a'), span('c', 'b'), span('d', 'a')]);
    expect(visibleRows(rows, new Set(['b'])).map((at) => rows[at]?.id)).toEqual(['a', 'b', 'd']);
  });

  it('unfolds what a row is inside of, and nothing else', () => {
    const { rows } = buildSpanTree([span('a', null), span('b', 'a'), span('c', 'b'), span('d', 'a'), span('e', 'd')]);
    expect(without(new Set(['a', 'b', 'd']), rows, 2)).toEqual(new Set(['d']));
  });

  it('starts the reader at the innermost failure', () => {
    const failed = { status: 'error' } as const;
    const { rows } = buildSpanTree([span('a', null, failed), span('b', 'a'), span('c', 'a', failed)]);
    expect(firstOfInterest(rows)).toBe('c');
  });
});
