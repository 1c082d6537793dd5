import { WheelhouseError } from '../../records/index.ts';
import { attempt, callPart, defineModule, type Module, thresholdOf } from '../module.ts';
import { ballotOf, countVotes, type VoteOptions, winnerOf } from './majority.ts';
import { inParallel } from './parallel.ts';

/**
 * How sure it is that the answer that leads would stay ahead for ever: P(Beta(first + 1, second + 1) > ½), which is a tail
 * of the binomial distribution (Aggarwal et al. 2023, Adaptive-Consistency).
 */
export function leadCertainty(first: number, second: number): number {
  const n = first + second + 1;
  let term = 2 ** -n;
  let sum = term;
  for (let k = 1; k <= first; k++) {
    term *= (n - k + 1) / k;
    sum += term;
  }
  return sum;
}

export type SelfConsistencyOptions<Output = unknown> = VoteOptions<Output> & {
  /** The most answers that are asked for, up to 500; 20 unless said. */
  samples?: number;
  /** It stops when it is so sure of the answer that leads; 1: never before the last. 0.95 unless said. */
  certainty?: number;
  /** Asked at one time; it may ask so many too many, less one. 1 unless said. */
  atOnce?: number;
  temperature?: number;
};

/**
 * Asks several times and takes what most answers say (Wang et al. 2022), no more often than it needs to be sure. An answer
 * that cannot be had is no vote. `samples` and `certainty` are thresholds that a candidate may set.
 * @throws the last error where no answer was had
 */
export function selfConsistency<I, O>(
  program: Module<I, O>,
  { samples = 20, certainty = 0.95, atOnce = 1, temperature = 0.7, ...vote }: SelfConsistencyOptions<O> = {},
): Module<I, O> {
  const { field, normalize } = vote;
  const isData = program.data !== null && normalize === undefined;
  const said = { program: program.data, samples, certainty, temperature, ...(field === undefined ? {} : { field }) };
  return defineModule<I, O>({
    parts: { program },
    defaults: { thresholds: { samples, certainty } },
    data: isData ? { module: 'self-consistency', ...said } : null,
    async forward(input, scope) {
      const most = Math.min(500, Math.max(1, Math.floor(thresholdOf(scope, 'samples', samples))));
      const sure = thresholdOf(scope, 'certainty', certainty);
      const tries: { ballot: string | null; output: O; keep(): void }[] = [];
      let failure: WheelhouseError | null = null;
      const first = scope.rollout * most;
      for (let asked = 0; asked < most; ) {
        const batch = Array.from({ length: Math.min(atOnce, most - asked) }, (_, i) => first + asked + i + 1);
        const done = await inParallel(
          batch,
          (rollout) =>
            attempt(scope, (inside) =>
              callPart(inside, 'program', program, input, { rollout, parameters: { temperature } }),
            ),
          { atOnce },
        );
        for (const one of done)
          if (one.ok)
            tries.push({ ballot: ballotOf(one.value, vote as VoteOptions), output: one.value, keep: one.keep });
          else failure = one.error;
        asked += batch.length;
        const [lead = 0, next = 0] = [...countVotes(tries.map(({ ballot }) => ballot)).values()].sort((a, b) => b - a);
        if (sure < 1 && leadCertainty(lead, next) > sure) break;
      }
      const winner = winnerOf(countVotes(tries.map(({ ballot }) => ballot)));
      const chosen = tries.find(({ ballot }) => ballot === winner) ?? tries[0];
      if (chosen === undefined) throw failure ?? new WheelhouseError('internal', 'Nothing was asked.');
      chosen.keep();
      return chosen.output;
    },
  });
}
