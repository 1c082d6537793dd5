import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import {
  type AnyModule,
  attempt,
  type CallOptions,
  callPart,
  defineModule,
  type Module,
  type PredictorCall,
  type Scope,
  sandboxOf,
  thresholdOf,
} from '../module.ts';

/** How good an output is; more is better. */
type RewardFunction<I, O> = (input: I, output: O, calls: readonly PredictorCall[]) => number | Promise<number>;
/**
 * A function; a program that judges, by inputs and outputs of what it judges, whose last output is a number; or JavaScript
 * for the world's sandbox: `export const main = ({ input, output }) => …`.
 */
export type Reward<I, O> = RewardFunction<I, O> | AnyModule | { code: string };

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

const isProgram = (reward: object): reward is AnyModule => 'forward' in reward;
/** What the reward adds to a program's parts, so that it is tuned and traced as they are. */
export const judgeOf = <I, O>({ reward }: Pick<BestOfOptions<I, O>, 'reward'>): { judge?: AnyModule } =>
  isProgram(reward) ? { judge: reward } : {};

/** What a judging program says. Its calls show nothing of how the output came about. */
async function judged(scope: Scope, judge: AnyModule, values: JsonObject): Promise<unknown> {
  const done = await attempt(scope, (inside) => callPart(inside, 'judge', judge, values));
  if (!done.ok) throw done.error;
  return Object.values(done.value as JsonObject).at(-1);
}

async function worth<I, O>(scope: Scope, reward: Reward<I, O>, input: I, { output, calls }: Done<O>): Promise<unknown> {
  if (typeof reward === 'function') return reward(input, output, calls);
  if (isProgram(reward)) return judged(scope, reward, { ...input, ...output } as JsonObject);
  const sandbox = sandboxOf(scope.world, 'A reward as code');
  return sandbox.run(reward.code, { input, output } as unknown as Json, scope.world.signal);
}
type Done<O> = { output: O; calls: PredictorCall[] };

/** @throws WheelhouseError `code_failed` where the reward throws or is no number; why a judge or a sandbox could not be asked */
async function rewarded<I, O>(scope: Scope, reward: Reward<I, O>, input: I, done: Done<O>): Promise<number> {
  const value = await worth(scope, reward, input, done).catch((cause: unknown) => {
    if (scope.world.signal.aborted || (cause instanceof WheelhouseError && typeof reward !== 'function')) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WheelhouseError('code_failed', `The reward failed: ${why}`, { cause });
  });
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
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
      const calls = [...inside.calls];
      const value = await rewarded({ ...inside, rollout, hints: {} }, reward, input, { output, calls });
      return { rollout, output, reward: value, calls, keep: () => undefined };
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

/** What data says of it; null: the program or the reward is code. */
export function bestOfData<I, O>(
  module: 'best-of' | 'refine',
  { data }: Module<I, O>,
  { count, threshold, failures, reward }: BestOfOptions<I, O>,
): JsonObject | null {
  if (data === null || typeof reward === 'function') return null;
  if (isProgram(reward) && reward.data === null) return null;
  const said: JsonObject = isProgram(reward) ? { program: reward.data } : { code: reward.code };
  return {
    ...{ module, program: data, count, threshold, reward: said },
    ...(failures === undefined ? {} : { failures }),
  };
}

/**
 * Tries up to so many times, at temperature 1, and gives the output with the best reward; stops at one that reaches the
 * threshold. `count` and `threshold` are thresholds that a candidate may set.
 * @throws the last error where every try failed
 */
export const bestOf = <I, O>(program: Module<I, O>, options: BestOfOptions<I, O>): Module<I, O> =>
  defineModule<I, O>({
    parts: { program, ...judgeOf(options) },
    defaults: { thresholds: { count: options.count, threshold: options.threshold } },
    data: bestOfData('best-of', program, options),
    forward: (input, scope) => tryBest(scope, { program, input, options, between: async () => ({}) }),
  });
