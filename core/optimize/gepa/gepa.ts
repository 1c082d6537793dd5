import { type Candidate, overlay, predict, signature } from '../../program/index.ts';
import { type Bench, meanOf } from '../bench.ts';
import { describePredictor } from '../describe-program.ts';
import { type Draw, shuffled } from '../draws.ts';
import { idOf } from '../ledger.ts';
import { instructionsOf, unfenced } from '../mipro/grounded-instructions.ts';
import { type Effort, efforts, trialCount } from '../mipro/trial-count.ts';
import type { Optimizer } from '../optimizer.ts';
import type { SearchRow } from '../row.ts';
import type { RunEntry } from '../state.ts';
import { drawPair, isAsGood, joined, type Lineage, mergeRows, pairKey } from './merge.ts';
import { drawFromFront, frontOf, leadsOf, withoutDominated } from './pareto.ts';

export type GepaOptions = {
  effort?: Effort;
  /** Runs on rows, in place of what `effort` makes of the task; one that was made before counts as well. */
  runs?: number;
  /** Rows that a new text is written from and has to be better on. */
  minibatch?: number;
  maxMerges?: number;
};

/** As many runs as the search by combinations would take with the same effort. */
export function gepaRuns({
  predictors,
  candidates,
  rows,
}: {
  predictors: number;
  candidates: number;
  rows: number;
}): number {
  const trials = trialCount(predictors * 2, candidates);
  const wholes = Math.floor((trials + 1) / 5) + 1 + (trials < 5 ? 1 : 0);
  return rows + candidates * 5 + trials * 35 + wholes * rows;
}

/** Rows in an order that is drawn anew each time that all were taken. */
function batchesOf(rows: readonly SearchRow[], size: number, draw: Draw): () => SearchRow[] {
  let waiting: SearchRow[] = [];
  return () => {
    const batch: SearchRow[] = [];
    while (batch.length < Math.min(size, rows.length)) {
      if (waiting.length === 0) waiting = shuffled(rows, draw);
      const next = waiting.shift();
      if (next && !batch.includes(next)) batch.push(next);
    }
    return batch;
  };
}

const reflect = predict(
  signature('module, current_instruction, examples: list[str] -> new_instruction', {
    instructions:
      'A language model carried out a module of a program by the current instruction. Each example shows what it was given, what it answered, and feedback on that. Write a new instruction for the module: keep what works, put right what the feedback objects to, and put in every fact and rule that the examples and the feedback tell and that the model would not know by itself, in a form that holds for other inputs too. Give nothing but the instruction.',
  }),
);

/** What a run shows of a predictor; null: it was not asked in it. */
function exampleOf(path: string, { calls = [], feedback, feedbackOf, failure }: RunEntry): string | null {
  const call = calls.findLast((one) => one.path === path && one.kept) ?? calls.findLast((one) => one.path === path);
  if (!call) return null;
  const fields = (values: object) =>
    Object.entries(values).map(
      ([name, value]) => `### ${name}\n${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  const said = feedbackOf?.[path] ?? feedback ?? failure?.message;
  return [
    ...['## Given', ...fields(call.input)],
    ...['## Answered', ...(call.output ? fields(call.output) : [call.error ?? 'Nothing.'])],
    ...(said ? ['## Feedback', said] : []),
  ].join('\n');
}

type Member = Lineage & { candidate: Candidate; scores: number[]; next: number };

/** What a search knows; `left` is how many runs it may still make. */
type Evolution = {
  bench: Bench;
  paths: string[];
  rows: readonly SearchRow[];
  pool: Member[];
  draw: Draw;
  left: number;
};

async function addMember(evolution: Evolution, candidate: Candidate, parents: number[]): Promise<Member> {
  const { bench, rows, pool, paths } = evolution;
  evolution.left -= rows.length;
  const { score, runs } = await bench.evaluate(candidate, rows);
  const texts = paths.map((path) => instructionsOf(candidate, path));
  const member = {
    candidate,
    texts,
    parents,
    mean: score,
    scores: runs.map((run) => run.score),
    next: pool[parents[0] ?? -1]?.next ?? 0,
  };
  pool.push(member);
  bench.offer(candidate, score);
  const { front, leads } = frontNow(evolution);
  const members = [...leads.keys()].map((i) => {
    const one = pool[i] as Member;
    return {
      ...{ id: idOf(one.candidate), score: one.mean },
      leads: front.flatMap((leaders, row) => (leaders.has(i) ? [row] : [])),
    };
  });
  await bench.tell({ type: 'front', rows: rows.length, members });
  return member;
}

function frontNow({ pool }: Evolution) {
  const front = frontOf(pool.map(({ scores }) => scores));
  const kept = withoutDominated(
    front,
    pool.map(({ mean }) => mean),
  );
  return { front, kept, leads: leadsOf(front, kept) };
}

const withTexts = ({ bench, paths }: Evolution, texts: readonly string[]): Candidate =>
  overlay(bench.base, Object.fromEntries(paths.map((path, i) => [path, { instructions: texts[i] ?? '' }])));

/** Joins two of the front. @returns whether two were found to join */
async function merge(evolution: Evolution, tried: Set<string>): Promise<boolean> {
  const { bench, pool, rows, draw } = evolution;
  const { kept } = frontNow(evolution);
  const pair = drawPair(
    pool,
    [...kept].sort((a, b) => a - b),
    { tried, draw },
  );
  if (pair === null) return false;
  tried.add(pairKey(pair));
  const [a, b, ancestor] = [pool[pair.a], pool[pair.b], pool[pair.ancestor]] as [Member, Member, Member];
  const candidate = withTexts(evolution, joined(ancestor.texts, a, b, draw));
  if (pool.some((one) => idOf(one.candidate) === idOf(candidate))) return false;
  await bench.consider(candidate, { by: 'merge', parents: [a.candidate, b.candidate] });
  const places = mergeRows(a.scores, b.scores, draw);
  evolution.left -= places.length;
  const { runs } = await bench.evaluate(
    candidate,
    places.map((i) => rows[i] as SearchRow),
    'minibatch',
  );
  const there = (scores: readonly number[]) => places.map((i) => scores[i] ?? 0);
  const reached = runs.map(({ score }) => score);
  if (isAsGood(reached, there(a.scores), there(b.scores))) await addMember(evolution, candidate, [pair.a, pair.b]);
  return true;
}

/** Writes one text anew, by what went wrong on a few rows. @returns whether the result is better on these */
async function mutate(evolution: Evolution, batch: readonly SearchRow[], rollout: number): Promise<boolean> {
  const { bench, pool, paths, draw } = evolution;
  const place = drawFromFront(frontNow(evolution).leads, draw);
  const parent = pool[place] as Member;
  evolution.left -= batch.length;
  const runs = await bench.run(batch.map((row) => ({ candidate: parent.candidate, row })));
  if (runs.every(({ score }) => score >= 1)) return false;
  const path = paths[parent.next % paths.length] as string;
  parent.next++;
  const examples = runs.flatMap((run) => exampleOf(path, run) ?? []);
  const of = bench.predictors.get(path);
  if (examples.length === 0 || !of) return false;
  const current = instructionsOf(parent.candidate, path);
  const written = await bench.write(
    reflect,
    { module: describePredictor(path, of), current_instruction: current, examples },
    { rollout, temperature: 1 },
  );
  const text = unfenced(String(written?.new_instruction ?? ''));
  if (text === '' || text === current) return false;
  const child = overlay(parent.candidate, { [path]: { instructions: text } });
  await bench.consider(child, { by: 'reflection', parents: [parent.candidate] });
  evolution.left -= batch.length;
  const { score } = await bench.evaluate(child, batch, 'minibatch');
  if (score <= meanOf(runs.map((run) => run.score))) return false;
  await addMember(evolution, child, [place]);
  return true;
}

/**
 * Lets a model rewrite one instruction at a time by what feedback says of a few rows, keeps every candidate that is the best
 * on some row, and joins what two of them learnt apart (GEPA; Agrawal et al. 2025). Its fuel is the metric's feedback.
 */
export function gepa({ effort = 'light', runs, minibatch = 3, maxMerges = 5 }: GepaOptions = {}): Optimizer {
  return {
    name: 'gepa',
    options: { effort, runs: runs ?? null, minibatch, maxMerges },
    async search(bench) {
      const rows = bench.validation ?? bench.train;
      const { candidates } = efforts[effort];
      const left = runs ?? gepaRuns({ predictors: bench.predictors.size, candidates, rows: rows.length });
      const evolution: Evolution = {
        ...{ bench, rows, paths: [...bench.predictors.keys()], pool: [], draw: bench.draw('gepa'), left },
      };
      const nextBatch = batchesOf(bench.train, minibatch, bench.draw('batches'));
      const tried = new Set<string>();
      await addMember(evolution, bench.base, []);
      let isMergeDue = false;
      for (let i = 1; evolution.left > 0 && evolution.pool.every(({ mean }) => mean < 1); i++) {
        const wasDue = isMergeDue && tried.size < maxMerges;
        isMergeDue = false;
        if (wasDue && (await merge(evolution, tried))) continue;
        isMergeDue = await mutate(evolution, nextBatch(), i);
      }
      return undefined;
    },
  };
}
