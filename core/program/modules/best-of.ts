import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import {
  attempt,
  type CallOptions,
  callPart,
  defineModule,
  type Module,
  type PredictorCall,
  type Scope,
  thresholdOf,
} from '../module.ts';

/** How good an output is; more is better. */
export type Reward<I, O> = (input: I, output: O, calls: readonly PredictorCall[]) => number | Promise<number>;

export type BestOfOptions<I, O> = {
  /** The most tries. */
  count: number;
  reward: Reward<I, O>;
  /** A reward with which it is content at once. */
  threshold: number;
  /** With more failures than so many it gives up; as many as there are tries unless said. */
  failures?: number;
};

type Try<O> = { rollout: number; output: O; reward: number; calls: PredictorCall[]; keep(): void };

/** @throws WheelhouseError `code_failed` where the reward throws or is no number */
async function rewarded<I, O>(reward: Reward<I, O>, input: I, output: O, calls: PredictorCall[]): Promise<number> {
  try {
    const value = await reward(input, output, calls);
    if (typeof value === 'number' && !Number.isNaN(value)) return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WheelhouseError('code_failed', `The reward failed: ${why}`, { cause });
  }
  throw new WheelhouseError('code_failed', 'The reward is no number.');
}

/** Tries one after another; `between` says what is different in the next, after one that was not good enough. */
export async function tryBest<I, O>(
  scope: Scope,
  {
    program,
    input,
    options,
    between,
  }: {
    program: Module<I, O>;
    input: I;
    options: BestOfOptions<I, O>;
    between: (last: Try<O>) => Promise<CallOptions>;
  },
): Promise<O> {
  const { reward, failures = options.count } = options;
  const count = Math.min(1000, Math.max(1, Math.floor(thresholdOf(scope, 'count', options.count))));
  const threshold = thresholdOf(scope, 'threshold', options.threshold);
  let best: Try<O> | null = null;
  let failed = 0;
  let more: CallOptions = {};
  const parameters: JsonObject = { temperature: 1 };
  for (let i = 0; i < count; i++) {
    const rollout = scope.rollout * count + i;
    const tried = await attempt(scope, async (inside): Promise<Try<O>> => {
      const output = await callPart(inside, 'program', program, input, { rollout, parameters, ...more });
      const value = await rewarded(reward, input, output, inside.calls);
      return { rollout, output, reward: value, calls: inside.calls, keep: () => undefined };
    });
    if (!tried.ok) {
      failed++;
      if (failed > failures || (best === null && i === count - 1)) throw tried.error;
      continue;
    }
    const done = { ...tried.value, keep: tried.keep };
    if (best === null || done.reward > best.reward) best = done;
    if (done.reward >= threshold) break;
    if (i < count - 1) more = await between(done);
  }
  if (best === null) throw new WheelhouseError('internal', 'Nothing was tried.');
  best.keep();
  return best.output;
}

/**
 * Tries up to so many times, at temperature 1, and gives the output with the best reward; stops at one that reaches the
 * threshold. `count` and `threshold` are thresholds that a candidate may set.
 * @throws the last error where every try failed
 */
export const bestOf = <I, O>(program: Module<I, O>, options: BestOfOptions<I, O>): Module<I, O> =>
  defineModule<I, O>({
    parts: { program },
    defaults: { thresholds: { count: options.count, threshold: options.threshold } },
    forward: (input, scope) => tryBest(scope, { program, input, options, between: async () => ({}) }),
  });
