import type { FailureKind } from '@wheelhouse/core/records';
import type { CallFacts } from './call-span.ts';
import { createCounter, createGauge, createHistogram } from './prometheus.ts';
import type { TokenUse } from './token-use.ts';

export type CallTimes = {
  ok: boolean;
  endNs: bigint;
  /** From the call's start until the vendor was asked; null: nobody was. */
  beforeMs: number | null;
};

/** What the gateway does, as numbers; server metrics of the GenAI semantic conventions where there are some. */
export type Metrics = {
  began(): void;
  ended(facts: CallFacts, times: CallTimes): void;
  /** Before anybody was asked. */
  refused(code: string): void;
  attemptFailed(target: string, kind: FailureKind): void;
  cache(result: 'hit' | 'semantic' | 'miss' | 'shared'): void;
  used(tokens: readonly TokenUse[]): void;
  /** Calls that run now. */
  running(): number;
  text(): string;
};

/** As the conventions advise. */
const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstSeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const eachSeconds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const overheads = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1];
const ofCall = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'];

const secondsBetween = (fromNs: bigint, toNs: bigint): number => Number(toNs - fromNs) / 1e9;

export function createMetrics(): Metrics {
  let running = 0;
  const duration = createHistogram('gen_ai_server_request_duration_seconds', 'Time of a call.', {
    labels: [...ofCall, 'error_type'],
    buckets: seconds,
  });
  const first = createHistogram('gen_ai_server_time_to_first_token_seconds', 'Time to the first content of a stream.', {
    labels: ofCall,
    buckets: firstSeconds,
  });
  const each = createHistogram(
    'gen_ai_server_time_per_output_token_seconds',
    'Time of each further token of a stream.',
    {
      labels: ofCall,
      buckets: eachSeconds,
    },
  );
  const overhead = createHistogram(
    'wheelhouse_gateway_overhead_seconds',
    'From the whole request of a caller until the vendor is asked.',
    { labels: [], buckets: overheads },
  );
  const tokens = createCounter('wheelhouse_gateway_tokens_total', 'Tokens used.', [...ofCall, 'gen_ai_token_type']);
  const cost = createCounter('wheelhouse_gateway_cost_usd_total', 'What calls cost, where a price is known.', ofCall);
  const refused = createCounter('wheelhouse_gateway_refused_total', 'Calls that were refused here.', ['code']);
  const failed = createCounter('wheelhouse_gateway_attempts_failed_total', 'Attempts at vendors that failed.', [
    'target',
    'failure',
  ]);
  const cache = createCounter('wheelhouse_gateway_cache_total', 'Look-ups in the cache.', ['result']);
  const gauge = createGauge('wheelhouse_gateway_running', 'Calls that run now.', () => running);
  const all = [duration, first, each, overhead, tokens, cost, refused, failed, cache, gauge];

  return {
    began() {
      running += 1;
    },
    ended(facts, { ok, endNs, beforeMs }) {
      running -= 1;
      const { operation, provider, vendorModel, firstTokenNs, startNs } = facts;
      duration.observe(secondsBetween(startNs, endNs), operation, provider, vendorModel, ok ? '' : 'failed');
      if (firstTokenNs !== null) first.observe(secondsBetween(startNs, firstTokenNs), operation, provider, vendorModel);
      if (beforeMs !== null) overhead.observe(beforeMs / 1_000);
    },
    refused: (code) => refused.add(1, code),
    attemptFailed: (target, kind) => failed.add(1, target, kind),
    cache: (result) => cache.add(1, result),
    used(given) {
      for (const { labels, input, output, costUsd, eachSeconds: times } of given) {
        tokens.add(input, ...labels, 'input');
        tokens.add(output, ...labels, 'output');
        if (costUsd !== null) cost.add(costUsd, ...labels);
        for (const time of times) each.observe(time, ...labels);
      }
    },
    running: () => running,
    text: () => all.map((metric) => metric.text()).join(''),
  };
}
