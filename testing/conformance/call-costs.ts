import type { CallCosts, SpanStore } from '@wheelhouse/core/ports';
import type { Period, ProjectId, Span, SpanId, TraceId } from '@wheelhouse/core/records';
import { costFragment } from '@wheelhouse/core/trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from './sample-spans.ts';

type World = { spans: Pick<SpanStore, 'append'>; costs: CallCosts; close(): Promise<void> };

let count = 0;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
const nanosOf = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;
const period: Period = {
  ...{ from: '2026-03-01T00:00:00.000Z', until: '2026-03-04T00:00:00.000Z' },
  ...{ provider: null, model: null },
};
const costOf = (nano: bigint, revision?: number) => ({
  ...{ totalNanoUsd: nano, byBucket: { outputText: nano }, priceId: `price of ${nano}` },
  ...(revision !== undefined && { revision }),
});

/** What every {@link CallCosts} does. */
export function callCostsConformance(name: string, open: () => Promise<World>): void {
  describe(`call costs: ${name}`, () => {
    let world: World;
    let project: ProjectId;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    /** In a project of their own. */
    async function append(...spans: Span[]): Promise<void> {
      await world.spans.append(spans, `costs ${run} ${++count}`);
    }
    function newProject() {
      project = `costs-${run}-${++count}` as ProjectId;
    }
    function call(at: string, more: Partial<Span> = {}): Span {
      return {
        ...bareSpan(freshTraceId(), spanIdOf(1)),
        ...{ projectId: project, kind: 'generation', startNs: nanosOf(at), endNs: nanosOf(at) + 5n },
        ...{ provider: 'openai', requestModel: 'gpt-9', responseModel: 'gpt-9-2026', dialect: 'otel' },
        usage: { counts: { inputUncached: 3, outputText: 2, requests: 1 }, source: 'provider' },
        cost: costOf(100n),
        ...more,
      };
    }
    const page = (after: string | null, limit: number, before = 1_000) =>
      world.costs.page(project, period, { after, limit, before });

    it('finds the calls of a period that have usage, with all that a price depends on', async () => {
      newProject();
      const priority = { params: { service_tier: 'priority' } };
      const found = [call(period.from, priority), call('2026-03-03T23:59:59.999Z', { cost: null })];
      await append(
        ...found,
        call('2026-02-28T23:59:59.999Z'),
        call(period.until),
        call('2026-03-02T00:00:00Z', { usage: null, cost: null }),
      );
      const { calls, next } = await page(null, 10);
      expect(next).toBeNull();
      expect(calls).toEqual(
        found.map((span, i) => ({
          ...{ traceId: span.traceId, spanId: span.spanId, startNs: span.startNs, provider: 'openai' },
          ...{ requestModel: 'gpt-9', responseModel: 'gpt-9-2026', usage: span.usage },
          ...{ serviceTier: i === 0 ? 'priority' : null, costNanoUsd: i === 0 ? 100n : null },
        })),
      );
      expect(await world.costs.totals(project, period)).toEqual({ calls: 2, unpriced: 1, costNanoUsd: 100n });
      expect(await world.costs.sample(project, period, 10)).toHaveLength(2);
      expect(await world.costs.sample(project, period, 1)).toHaveLength(1);
    });

    it('sums nothing to nothing, not to 0', async () => {
      newProject();
      expect(await world.costs.totals(project, period)).toEqual({ calls: 0, unpriced: 0, costNanoUsd: null });
      expect(await page(null, 10)).toEqual({ calls: [], next: null });
    });

    it('goes through all calls page by page, each once', async () => {
      newProject();
      const spans = Array.from({ length: 23 }, (_, i) => {
        const hour = String(i % 5).padStart(2, '0');
        return call(`2026-03-02T${hour}:00:00Z`, { spanId: spanIdOf(i) });
      });
      await append(...spans);
      const seen: SpanId[] = [];
      let after: string | null = null;
      do {
        const { calls, next } = await page(after, 4);
        seen.push(...calls.map(({ spanId }) => spanId));
        after = next;
      } while (after !== null);
      expect(seen.toSorted()).toEqual(spans.map(({ spanId }) => spanId).toSorted());
    });

    it('narrows to a provider and to a model, as asked for or as answered', async () => {
      newProject();
      await append(
        call('2026-03-02T00:00:00Z'),
        call('2026-03-02T00:00:00Z', { provider: 'Anthropic', requestModel: 'claude', responseModel: null }),
      );
      const calls = async (more: Partial<Period>) => (await world.costs.totals(project, { ...period, ...more })).calls;
      expect(await calls({ provider: 'anthropic' })).toBe(1);
      expect(await calls({ model: 'gpt-9' })).toBe(1);
      expect(await calls({ model: 'GPT-9-*' })).toBe(1);
      expect(await calls({ model: 'claude*' })).toBe(1);
      expect(await calls({ model: 'gpt' })).toBe(0);
      expect(await calls({ model: 'gpt-9', provider: 'anthropic' })).toBe(0);
      expect(await calls({ model: '*' })).toBe(2);
    });

    it('counts the figure of the newest re-pricing, and keeps the others', async () => {
      newProject();
      const span = call('2026-03-02T00:00:00Z');
      await append(span);
      await append(costFragment(span, costOf(70n, 2)));
      await append(costFragment(span, costOf(900n, 1)));
      // A late report of the same call has the figure of its own time.
      await append({ ...span, endNs: null });
      expect(await world.costs.totals(project, period)).toMatchObject({ calls: 1, costNanoUsd: 70n });
      const figure = async (before: number) => (await page(null, 10, before)).calls.map((one) => one.costNanoUsd);
      expect([await figure(3), await figure(2), await figure(1)]).toEqual([[70n], [900n], [100n]]);
      const history = await world.costs.history(project, span.traceId, span.spanId);
      expect(history).toEqual([
        { ...costOf(70n, 2), writtenAt: expect.any(String) },
        { ...costOf(900n, 1), writtenAt: expect.any(String) },
        { ...costOf(100n), writtenAt: expect.any(String) },
      ]);
      for (const { writtenAt } of history) expect(new Date(writtenAt).toISOString()).toBe(writtenAt);
      expect(await world.costs.history(project, span.traceId, spanIdOf(9))).toEqual([]);
      expect(await world.costs.history(project, freshTraceId() as TraceId, span.spanId)).toEqual([]);
    });

    it('sums each day and model, each call once', async () => {
      newProject();
      const trace = freshTraceId();
      const agent = call('2026-03-02T10:00:00Z', { traceId: trace, spanId: spanIdOf(1), kind: 'generation' });
      const inner = call('2026-03-02T10:00:01Z', { traceId: trace, spanId: spanIdOf(2), parentSpanId: spanIdOf(1) });
      const twice = { responseId: 'resp_1', traceId: trace, parentSpanId: spanIdOf(1) };
      await append(
        ...[agent, inner],
        call('2026-03-02T10:00:02Z', { ...twice, spanId: spanIdOf(3), cost: costOf(7n) }),
        call('2026-03-02T10:00:02Z', { ...twice, spanId: spanIdOf(4), cost: costOf(5n), dialect: 'gateway' }),
        call('2026-03-02T23:59:59.999Z', { responseModel: null, cost: null }),
        call('2026-03-03T00:00:00Z', { provider: 'anthropic', cost: null }),
        call('2026-03-03T00:00:00Z', { provider: 'anthropic' }),
        call('2026-03-04T00:00:00Z'),
      );
      expect(await world.costs.daily(project, { from: '2026-03-02', until: '2026-03-03' })).toEqual([
        { day: '2026-03-02', provider: 'openai', model: 'gpt-9', calls: 1, unpriced: 1, costNanoUsd: null },
        { day: '2026-03-02', provider: 'openai', model: 'gpt-9-2026', calls: 2, unpriced: 0, costNanoUsd: 105n },
        { day: '2026-03-03', provider: 'anthropic', model: 'gpt-9-2026', calls: 2, unpriced: 1, costNanoUsd: 100n },
      ]);
    });
  });
}
