import { type Candidate, overlay, predict, signature } from '../../program/index.ts';
import { contentHash } from '../../records/index.ts';
import { type Bench, meanOf, orOffer } from '../bench.ts';
import { describePredictor } from '../describe-program.ts';
import { type Draw, drawWeighted, shuffled } from '../draws.ts';
import { atTemperature, demosOfRun } from '../few-shot/demonstrations.ts';
import { idOf } from '../ledger.ts';
import { instructionsOf, unfenced } from '../mipro/grounded-instructions.ts';
import type { Optimizer } from '../optimizer.ts';
import type { SearchRow } from '../row.ts';
import type { RunEntry } from '../state.ts';

export type SimbaOptions = {
  /** Rows of a step. */
  batch?: number;
  /** Samples of each row, and new candidates, in a step. */
  candidates?: number;
  steps?: number;
  maxDemos?: number;
  /** How evenly candidates are drawn; the lower, the more often the best one is. */
  temperature?: number;
};

const contrast = predict(
  signature('module, better: str, worse: str, current_instruction -> added_instruction', {
    instructions:
      'A language model carried out a program twice on the same input, once with a better and once with a worse result. Say, for the module that is named, what to do in which case so that it goes as in the better run. Speak of what can recur, not of this input alone. What you write is put below the current instruction. Give nothing but the advice.',
  }),
);

/** Weights by score; the largest is 1. */
export function softWeights(scores: readonly number[], temperature: number): number[] {
  const top = Math.max(...scores);
  return scores.map((score) => Math.exp((score - top) / temperature));
}

/** How often something rare happens that happens `mean` times on average (Knuth). */
export function drawPoisson(mean: number, draw: Draw): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = draw(); product > limit; product *= draw()) count++;
  return count;
}

/** The value below which the share of others lies, between neighbours in proportion. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  return low + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? low) - low);
}

type Bucket = { row: SearchRow; best: RunEntry; worst: RunEntry; mean: number };

/** The rows by what can be learnt of them: the widest gap between samples first, then the best one, then how far it is above the mean. */
export function rankBuckets<B extends { best: { score: number }; worst: { score: number }; mean: number }>(
  buckets: readonly B[],
): B[] {
  const keys = ({ best, worst, mean }: B) => [best.score - worst.score, best.score, best.score - mean];
  return [...buckets].sort((a, b) => {
    const [x, y] = [keys(a), keys(b)];
    return (y[0] ?? 0) - (x[0] ?? 0) || (y[1] ?? 0) - (x[1] ?? 0) || (y[2] ?? 0) - (x[2] ?? 0);
  });
}

const textOf = ({ calls = [], feedback, score }: RunEntry): string =>
  [
    ...calls.map(
      ({ path, input, output, error }) =>
        `${path || 'program'}: ${JSON.stringify(input)} → ${JSON.stringify(output ?? error)}`,
    ),
    `Score ${score}.`,
    ...(feedback === null ? [] : [feedback]),
  ].join('\n');

/** Shows the best run of a row; of the demonstrations that were there, some are left out. */
function withDemo(
  bench: Bench,
  candidate: Candidate,
  { best }: Bucket,
  { maxDemos, draw }: { maxDemos: number; draw: Draw },
): Candidate {
  const most = Math.max(0, ...[...bench.predictors.keys()].map((path) => candidate[path]?.demos?.length ?? 0));
  const gone = Math.max(drawPoisson(most / maxDemos, draw), most >= maxDemos ? 1 : 0);
  const places = new Set(shuffled([...Array(most).keys()], draw).slice(0, gone));
  const added = demosOfRun(best, draw);
  return overlay(
    candidate,
    Object.fromEntries(
      [...bench.predictors.keys()].map((path) => {
        const kept = (candidate[path]?.demos ?? []).filter((_, i) => !places.has(i));
        const demo = added.get(path);
        const isNew = demo && kept.every(({ values }) => contentHash(values) !== contentHash(demo.values));
        return [path, { demos: isNew ? [...kept, demo] : kept }];
      }),
    ),
  );
}

/** Adds to the instructions of each predictor what set the best run of a row apart from the worst. */
async function withRule(
  bench: Bench,
  candidate: Candidate,
  { best, worst }: Bucket,
  rollout: number,
): Promise<Candidate> {
  const edits: Record<string, { instructions: string }> = {};
  for (const [path, of] of bench.predictors) {
    const current = instructionsOf(candidate, path);
    const input = {
      module: describePredictor(path, of),
      better: textOf(best),
      worse: textOf(worst),
      current_instruction: current,
    };
    const said = await bench.write(contrast, input, { rollout, temperature: 1 });
    const text = unfenced(String(said?.added_instruction ?? ''));
    if (text !== '') edits[path] = { instructions: `${current}\n\n${text}` };
  }
  return overlay(candidate, edits);
}

type Known = { candidate: Candidate; scores: number[] };
const byMean = (a: Known, b: Known) => meanOf(b.scores) - meanOf(a.scores);

/** Candidates with what they scored in steps, and one of the best of them drawn by it. */
function poolOf(
  bench: Bench,
  { candidates, temperature, draw }: { candidates: number; temperature: number; draw: Draw },
) {
  const known: Known[] = [{ candidate: bench.base, scores: [] }];
  return {
    known,
    drawOne(): Candidate {
      const among = [...known].sort(byMean).slice(0, candidates);
      const means = among.map(({ scores }) => meanOf(scores));
      return (among[drawWeighted(softWeights(means, temperature), draw)] as Known).candidate;
    },
  };
}

/** Samples each row by candidates that are drawn, after the first with temperature 1. */
async function sampleRows(
  bench: Bench,
  rows: readonly SearchRow[],
  { samples, step, drawOne }: { samples: number; step: number; drawOne: () => Candidate },
): Promise<{ buckets: Bucket[]; scores: number[] }> {
  const work = rows.flatMap((row) =>
    Array.from({ length: samples }, (_, i) => {
      const candidate = drawOne();
      return { candidate: i === 0 ? candidate : atTemperature(bench, candidate, 1), row, rollout: step * samples + i };
    }),
  );
  const runs = await bench.run(work);
  const buckets = rows.map((row, i): Bucket => {
    const own = runs.slice(i * samples, (i + 1) * samples).sort((a, b) => b.score - a.score);
    const [best, worst] = [own[0] as RunEntry, own.at(-1) as RunEntry];
    return { row, best, worst, mean: meanOf(own.map(({ score }) => score)) };
  });
  return { buckets: rankBuckets(buckets), scores: runs.map(({ score }) => score) };
}

/** So many of them at even distances, the first and the last among them. */
const spread = <T>(items: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / Math.max(1, count - 1))] as T);

/**
 * Looks where samples of one row differ, and learns from that: the best sample becomes a demonstration, or what sets it apart
 * from the worst a rule (SIMBA, as DSPy has it).
 */
export function simba(given: SimbaOptions = {}): Optimizer {
  const { batch = 32, candidates = 6, steps = 8, maxDemos = 4, temperature = 0.2 } = given;
  return {
    name: 'simba',
    options: { batch, candidates, steps, maxDemos, temperature },
    async search(bench) {
      const draw = bench.draw('simba');
      const { known, drawOne } = poolOf(bench, { candidates, temperature, draw });
      const winners: Candidate[] = [bench.base];
      let waiting: SearchRow[] = [];

      async function learn(bucket: Bucket, limits: { low: number; high: number }, rollout: number): Promise<void> {
        const source = drawOne();
        const isDemo = draw() < 0.5;
        // A row on which all is well, or all is lost, shows nothing.
        if (bucket.best.score <= limits.low || (!isDemo && bucket.worst.score >= limits.high)) return;
        const candidate = isDemo
          ? withDemo(bench, source, bucket, { maxDemos, draw })
          : await withRule(bench, source, bucket, rollout);
        if (known.some((one) => idOf(one.candidate) === idOf(candidate))) return;
        await bench.consider(candidate, { by: isDemo ? 'demonstration' : 'rule', parents: [source] });
        known.push({ candidate, scores: [] });
      }

      async function takeStep(step: number): Promise<void> {
        if (waiting.length < Math.min(batch, bench.train.length)) waiting = shuffled(bench.train, draw);
        const rows = waiting.splice(0, batch);
        const { buckets, scores } = await sampleRows(bench, rows, { samples: candidates, step, drawOne });
        const limits = { low: percentile(scores, 0.1), high: percentile(scores, 0.9) };
        const before = known.length;
        for (const [i, bucket] of buckets.slice(0, candidates).entries())
          await learn(bucket, limits, step * candidates + i);
        const made = known.slice(before);
        for (const one of made) {
          const { runs } = await bench.evaluate(one.candidate, rows, 'minibatch');
          one.scores = runs.map(({ score }) => score);
        }
        const [winner] = made.sort(byMean);
        if (winner) winners.push(winner.candidate);
      }

      await orOffer(
        async () => {
          for (let step = 0; step < steps; step++) await takeStep(step);
        },
        () => bench.offer([...known].sort(byMean)[0]?.candidate ?? bench.base, null),
      );
      const rows = bench.validation ?? bench.train;
      for (const candidate of spread(winners, Math.min(candidates + 1, winners.length)))
        bench.offer(candidate, (await bench.evaluate(candidate, rows)).score);
      return undefined;
    },
  };
}
