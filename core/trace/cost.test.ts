import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PriceRow, type Usage, type UsageCounts, usageBuckets } from '../records/index.ts';
import { costOf, totalCostOf } from './cost.ts';

const row = (perMillion: PriceRow['perMillion'], tiers?: PriceRow['tiers']): PriceRow => ({
  id: 'row',
  provider: 'p',
  model: 'm',
  validFrom: null,
  perMillion,
  ...(tiers ? { tiers } : {}),
});
const usage = (counts: UsageCounts): Usage => ({ counts, source: 'provider' });

const counts = fc.record(Object.fromEntries(usageBuckets.map((bucket) => [bucket, fc.nat(10_000_000)])), {
  requiredKeys: [],
}) as fc.Arbitrary<UsageCounts>;
const rates = fc.record(
  Object.fromEntries(usageBuckets.map((bucket) => [bucket, fc.bigInt(0n, 600_000_000_000n)])),
) as fc.Arbitrary<PriceRow['perMillion']>;

describe('costOf', () => {
  it('prices each bucket at its own rate: 1,000 input and 100 output tokens of $0.15 and $0.60 a million', () => {
    const cost = costOf(
      usage({ inputUncached: 1000, outputText: 100 }),
      row({ inputUncached: 150_000_000n, outputText: 600_000_000n }),
    );
    expect(cost).toEqual({
      totalNanoUsd: 210_000n,
      byBucket: { inputUncached: 150_000n, outputText: 60_000n },
      priceId: 'row',
    });
  });

  it('takes the input rate for cached tokens without a rate of their own, and the output rate for reasoning', () => {
    const cost = costOf(
      usage({ cacheRead: 10, cacheWrite1h: 10, inputImage: 10, reasoning: 10 }),
      row({ inputUncached: 1_000_000n, outputText: 3_000_000n }),
    );
    expect(cost?.byBucket).toEqual({ cacheRead: 10n, cacheWrite1h: 10n, inputImage: 10n, reasoning: 30n });
  });

  it('is unknown, not 0, when a used bucket has no rate and no stand-in', () => {
    expect(costOf(usage({ inputUncached: 10, inputAudio: 1 }), row({ inputUncached: 1n }))).toBeNull();
    expect(costOf(usage({ inputUncached: 10, outputText: 1 }), row({ inputUncached: 1n }))).toBeNull();
    expect(costOf(usage({ inputUncached: 10, inputAudio: 0 }), row({ inputUncached: 1_000_000n }))?.totalNanoUsd).toBe(
      10n,
    );
  });

  it('charges nothing for a call unless the row has a fee', () => {
    expect(costOf(usage({ requests: 1, inputUncached: 1 }), row({ inputUncached: 1_000_000n }))?.totalNanoUsd).toBe(1n);
    expect(costOf(usage({ requests: 2 }), row({ requests: 5_000_000_000_000n }))?.totalNanoUsd).toBe(10_000_000n);
  });

  it('rounds the sum once, half up', () => {
    const price = row({ inputUncached: 250_000n, outputText: 250_000n });
    expect(costOf(usage({ inputUncached: 1, outputText: 1 }), price)?.totalNanoUsd).toBe(1n);
    expect(costOf(usage({ inputUncached: 1 }), price)?.totalNanoUsd).toBe(0n);
  });

  it('takes the rates of the highest tier that the input exceeds, for the whole call', () => {
    const price = row({ inputUncached: 1_000_000n, outputText: 1_000_000n }, [
      { aboveInputTokens: 200, perMillion: { inputUncached: 4_000_000n, outputText: 4_000_000n } },
      { aboveInputTokens: 100, perMillion: { inputUncached: 2_000_000n, outputText: 2_000_000n } },
    ]);
    const total = (input: number) =>
      costOf(usage({ inputUncached: input - 50, cacheRead: 50, outputText: 1 }), price)?.totalNanoUsd;
    expect([100, 101, 200, 201].map(total)).toEqual([101n, 204n, 402n, 808n]);
  });

  it('has the total that is found without its parts, unknown rates and tiers included', () => {
    const tiers = fc.array(fc.record({ aboveInputTokens: fc.nat(10_000_000), perMillion: rates }), { maxLength: 2 });
    fc.assert(
      fc.property(
        counts,
        rates,
        tiers,
        fc.option(fc.constantFrom(...usageBuckets)),
        (given, perMillion, more, gone) => {
          const price = { ...row(perMillion, more), ...(gone === null ? {} : { unknown: [gone] }) };
          expect(totalCostOf(usage(given), price)).toBe(costOf(usage(given), price)?.totalNanoUsd ?? null);
        },
      ),
    );
  });

  it('has buckets that add up to the total', () => {
    fc.assert(
      fc.property(counts, rates, (given, perMillion) => {
        const cost = costOf(usage(given), row(perMillion));
        const sum = Object.values(cost?.byBucket ?? {}).reduce((a, b) => a + b, 0n);
        expect(sum).toBe(cost?.totalNanoUsd);
      }),
    );
  });

  it('is within half a nano-dollar of the exact sum', () => {
    fc.assert(
      fc.property(counts, rates, (given, perMillion) => {
        const exact = usageBuckets.reduce(
          (sum, bucket) => sum + BigInt(given[bucket] ?? 0) * (perMillion[bucket] ?? 0n),
          0n,
        );
        const twice = 2n * ((costOf(usage(given), row(perMillion))?.totalNanoUsd ?? -1n) * 1_000_000n - exact);
        expect(twice > -1_000_000n && twice <= 1_000_000n).toBe(true);
      }),
    );
  });

  it('is additive where a token costs whole nano-dollars', () => {
    fc.assert(
      fc.property(counts, counts, rates, (a, b, perMillion) => {
        const whole = row(Object.fromEntries(Object.entries(perMillion).map(([k, v]) => [k, v - (v % 1_000_000n)])));
        const both = Object.fromEntries(usageBuckets.map((bucket) => [bucket, (a[bucket] ?? 0) + (b[bucket] ?? 0)]));
        const total = (given: UsageCounts) => costOf(usage(given), whole)?.totalNanoUsd ?? -1n;
        expect(total(both)).toBe(total(a) + total(b));
      }),
    );
  });

  it('is 0 for no usage, whatever the price', () => {
    expect(costOf(usage({}), row({}))).toEqual({ totalNanoUsd: 0n, byBucket: {}, priceId: 'row' });
  });
});
