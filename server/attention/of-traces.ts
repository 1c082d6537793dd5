import type { AttentionReads, FailureGroup, ModelCalls } from '@wheelhouse/core/ports';
import { allOf, printFilter } from '@wheelhouse/core/query';
import { type Filter, formatDuration, type Nanos, type ProjectId } from '@wheelhouse/core/records';
import { failsMoreOften, isSlower } from '@wheelhouse/core/watch';
import { count, type Findings, listed, percent, plural, type Row } from './findings.ts';

export type Time = { fromNs: Nanos; untilNs: Nanos };
type Reads = { reads: AttentionReads; project: ProjectId; time: Time };

/** Fewer traces, now or before, are too few to judge. */
const leastTraces = 20;
/** Fewer calls are too few for a p95. */
const leastCalls = 50;
/** More names do not fit a sentence. */
const mostNamed = 3;

/** The traces behind a row. */
function tracesAt({ fromNs, untilNs }: Time, conditions: readonly Filter[]): string {
  const time: Filter[] = [
    { type: 'since', ns: fromNs },
    { type: 'until', ns: untilNs },
  ];
  return `/traces?${new URLSearchParams({ q: printFilter(allOf([...conditions, ...time])) })}`;
}

const is = (field: FailureGroup['field'] | 'status', value: string): Filter => ({
  ...{ type: 'is', field },
  patterns: [[value]],
});

const subject: Record<FailureGroup['field'], (value: string) => string> = {
  model: (value) => `Traces that call ${value}`,
  tool: (value) => `Traces that use the tool ${value}`,
  name: (value) => `Traces of ${value}`,
};

/** A model, the tool that it calls and the name of all that are often the very same traces: one row says it. */
function withoutTwins(groups: readonly FailureGroup[]): FailureGroup[] {
  const seen = new Set<string>();
  const order = ['model', 'tool', 'name'];
  const kept = new Set(
    groups
      .toSorted((a, b) => order.indexOf(a.field) - order.indexOf(b.field))
      .filter(({ now, before }) => {
        const twin = [now.count, now.errors, before.count, before.errors].join(' ');
        return !seen.has(twin) && seen.add(twin);
      }),
  );
  return groups.filter((group) => kept.has(group));
}

export async function findFailures({ reads, project, time }: Reads): Promise<Findings> {
  const { traces, groups } = await reads.failures(project, { ...time, least: leastTraces });
  const rows = withoutTwins(failsMoreOften(groups)).map(({ field, value, now, before }): Row => {
    const [rate, was] = [percent(now.errors / now.count), percent(before.errors / before.count)];
    return {
      ...{ kind: 'failures', severity: 'bad' },
      text: `${subject[field](value)} fail more often: ${rate} of ${count(now.count)}, before ${was} of ${count(before.count)}.`,
      href: tracesAt(time, [is(field, value), is('status', 'error')]),
    };
  });
  const number = (field: FailureGroup['field']) => {
    const of = groups.filter((group) => group.field === field).length;
    return of === 0 ? [] : [plural(of, field)];
  };
  const parts = [...number('model'), ...number('tool'), ...number('name')];
  const enough = parts.length === 0 ? `too few to compare` : `failures by ${listed(parts)}`;
  return { rows, looked: `${plural(traces, 'trace')} (${enough})` };
}

/** For a filter: nobody wants to read its nanoseconds. */
const roundedDown = (ns: Nanos) => (ns / 1_000_000n) * 1_000_000n;

function slowerRow(time: Time, { model, now, usual }: ModelCalls, looked: number): Row[] {
  if (!now || !usual || now.calls < leastCalls || isSlower(now, usual, looked) !== true) return [];
  return [
    {
      ...{ kind: 'latency', severity: 'warn' },
      text: `Calls of ${model} are slower: p95 ${formatDuration(now.p95)} over ${plural(now.calls, 'call')}, ${formatDuration(usual.p95)} in the 7 days before.`,
      href: tracesAt(time, [
        is('model', model),
        { type: 'compare', field: 'latency', op: '>=', value: roundedDown(usual.p95) },
      ]),
    },
  ];
}

function unpricedRow(time: Time, models: readonly ModelCalls[]): Row[] {
  const without = models.filter(({ unpriced }) => unpriced > 0).sort((a, b) => b.unpriced - a.unpriced);
  const calls = without.reduce((sum, { unpriced }) => sum + unpriced, 0);
  if (calls === 0) return [];
  const names = without.slice(0, mostNamed).map(({ model }) => (model === '' ? 'a model without a name' : model));
  if (without.length > mostNamed) names.push(plural(without.length - mostNamed, 'other'));
  return [
    {
      ...{ kind: 'prices', severity: 'note' },
      text: `${plural(calls, 'call')} of ${listed(names)} ${calls === 1 ? 'has' : 'have'} no known price: costs are higher than shown.`,
      href: tracesAt(time, [{ type: 'compare', field: 'unpriced', op: '>', value: 0n }]),
    },
  ];
}

export async function findInCalls({ reads, project, time }: Reads): Promise<Findings> {
  const models = await reads.calls(project, time);
  const judged = models.filter(({ now, usual }) => (now?.calls ?? 0) >= leastCalls && usual !== null);
  const calls = models.reduce((sum, one) => sum + one.calls, 0);
  const rows = [...judged.flatMap((one) => slowerRow(time, one, judged.length)), ...unpricedRow(time, models)];
  const slowness = judged.length === 0 ? '' : `, latency of ${plural(judged.length, 'model')}`;
  return { rows, looked: `${plural(calls, 'call')} (prices${slowness})` };
}
