import type { Clock } from '../ports/index.ts';
import {
  type AnyModule,
  type Candidate,
  candidateOf,
  type Module,
  type ProgramWorld,
  predictorsOf,
  schemasOf,
  withCandidate,
} from '../program/index.ts';
import { contentHash, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';
import type { Contender } from './ask.ts';
import { type BenchState, createBench } from './bench.ts';
import { type Budget, nothing, type Sum, spentOf } from './budget.ts';
import type { OnAnswer, OnEvent } from './events.ts';
import { createLedger, idOf, type Ledger, SearchStop } from './ledger.ts';
import type { Metric } from './metric.ts';
import type { Optimizer } from './optimizer.ts';
import { type CompileReport, compareHeldOut, sideOf, verdictOf } from './report.ts';
import { type HeldOutRow, type Row, type RowSets, setApart } from './row.ts';
import { type CompileState, failureOf, readState } from './state.ts';

export type CompileOptions<I extends object, O> = {
  train: readonly Row<I>[];
  /** Candidates are chosen by their scores on these; what does instead where there are none, the optimizer's rules say. */
  validation?: readonly Row<I>[];
  /** Seen by nobody but the comparison at the end; 30 % of `train`, drawn by the seed, unless said. */
  heldOut?: readonly Row<I>[];
  metric: Metric<I, O>;
  optimizer: Optimizer;
  /** For search and comparison together, which takes at most half. */
  budget: Budget;
  /** A whole number of 32 bits. */
  seed: number;
  /** Where an earlier compilation of the same got to. */
  state?: CompileState | Json;
  onEvent?: OnEvent;
  /** Waited for with each answer as soon as it is there, so that it can be kept before anything comes of it. */
  onAnswer?: OnAnswer;
  /** How many runs may be under way at the same time; 8 unless said. */
  concurrency?: number;
};

export type CompileDeps = {
  world: ProgramWorld;
  /** Writes instructions; the world's model unless said. */
  proposer?: string;
  clock: Clock;
};

export type Compiled<I, O> = {
  /** The program to go on with: compiled where that is better beyond doubt, else as it was. */
  program: Module<I, O>;
  /** What is tuned in it. */
  candidate: Candidate;
  /** What the search came to, also where it is not known to be better. */
  best: { program: Module<I, O>; candidate: Candidate };
  report: CompileReport;
  state: CompileState;
};

/** At most so much of the budget for the rows held out, before the search and again after it. */
const comparedShare = 0.25;

function planOf(program: AnyModule, sets: RowSets, { optimizer, seed }: { optimizer: Optimizer; seed: number }): Json {
  const signatures = [...predictorsOf(program)].map(([path, signature]): [string, JsonObject] => [
    path,
    schemasOf(signature) as JsonObject,
  ]);
  const keys = (rows: readonly { key: string }[] | null) => rows?.map(({ key }) => key) ?? null;
  return {
    ...{ signatures: Object.fromEntries(signatures), program: idOf(candidateOf(program)) },
    rows: [keys(sets.train), keys(sets.validation), keys(sets.heldOut)],
    ...{ optimizer: [optimizer.name, optimizer.options], seed },
  };
}

function checkOptions({ train, budget, seed, concurrency = 8 }: CompileOptions<never, never>): void {
  const bad = (param: string, message: string, hint: string) =>
    new WheelhouseError('invalid_request', message, { param, hint });
  if (train.length === 0) throw bad('train', 'There is no training row.', 'Give at least one.');
  const amounts = Object.values(budget).filter((amount) => amount !== undefined);
  if (amounts.length === 0) throw bad('budget', 'The budget has no limit.', 'Say dollars, calls or minutes.');
  if (amounts.some((amount) => !(amount >= 0))) throw bad('budget', 'The budget is no amount.', 'It takes 0 and more.');
  if (!Number.isSafeInteger(seed)) throw bad('seed', 'The seed is no whole number.', 'Give one, such as 0.');
  if (!(concurrency >= 1)) throw bad('concurrency', 'Nothing can be run.', 'Give 1 or more.');
}

type Stopped = CompileReport['stopped'];
const done: Stopped = { reason: 'done', message: 'The search came to its end.' };

/** Does a part of the work; what ends it is a result. */
async function until(work: () => Promise<void>): Promise<Stopped> {
  try {
    await work();
    return done;
  } catch (error) {
    if (!(error instanceof SearchStop)) throw error;
    return { reason: error.reason, message: error.message };
  }
}

/** Runs on rows held out until the share of the budget is spent; the rows are in a drawn order, so that fewer are as fair. */
async function runHeldOut(ledger: Ledger, contender: Contender, rows: readonly HeldOutRow[]) {
  const work = rows.map((row) => ({ contender, row }));
  const stopped = await until(async () => void (await ledger.runRows(work)));
  const runs = new Map(ledger.ranOf(work).flatMap((run, i) => (run ? [[rows[i]?.key ?? '', run] as const] : [])));
  return { runs, stopped };
}

const minus = (a: Sum, b: Sum): Sum => ({
  calls: a.calls - b.calls,
  costNanoUsd: a.costNanoUsd - b.costNanoUsd,
  unpriced: a.unpriced - b.unpriced,
  inputTokens: a.inputTokens - b.inputTokens,
  outputTokens: a.outputTokens - b.outputTokens,
  uncounted: a.uncounted - b.uncounted,
  ms: a.ms - b.ms,
});
const spentIn = (sum: Sum) => spentOf(sum, sum.ms);

function failuresOf({ entries }: CompileState): CompileReport['failures'] {
  const found = { answer: 0, call: 0, metric: 0, first: null as string | null };
  for (const failure of entries.map(failureOf)) {
    if (failure === null) continue;
    found[failure.of]++;
    found.first ??= failure.message;
  }
  return found;
}

/** What ended the comparison goes over what ended the search, unless it is the budget, which is to be spent. */
const endOf = (search: Stopped, comparison: Stopped | undefined): Stopped =>
  comparison === undefined || comparison.reason === 'done' || comparison.reason === 'budget' ? search : comparison;

/**
 * Searches for a candidate that scores better, and says whether it is, on rows that the search never saw. Spends no more than
 * the budget, but for what is under way when it is spent; what was asked is not asked again. The same rows, optimizer and
 * seed take the same decisions as long as models answer the same.
 * @returns also where the search was cut short by the budget, by `world.signal` or by what kept failing; `report.stopped` says so
 * @throws WheelhouseError `invalid_request`; and whatever `onEvent` throws
 */
export async function compile<I extends object, O>(
  program: Module<I, O>,
  options: CompileOptions<I, O>,
  { world, proposer = world.model, clock }: CompileDeps,
): Promise<Compiled<I, O>> {
  checkOptions(options as never);
  const { optimizer, budget, seed, concurrency = 8, onEvent, onAnswer } = options;
  const sets = setApart(options);
  const plan = contentHash([
    planOf(program, sets, options),
    world.model,
    proposer,
    (world.adapter?.name ?? null) as Json,
  ]);
  const state = readState(options.state, plan);
  const ledger = createLedger({
    ...{ world, proposer, clock, budget, concurrency, state, onEvent, onAnswer },
    metric: options.metric as Metric<never, never>,
  });
  const base = candidateOf(program);
  const before: Contender = { program, shape: '', candidate: base };
  const { train, validation, heldOut } = sets;
  await ledger.tell({
    ...{ type: 'began', train: train.length, validation: validation?.length ?? 0, heldOut: heldOut.length },
    program: base,
  });

  ledger.setLimit(comparedShare);
  const first = await runHeldOut(ledger, before, heldOut);
  const compared = heldOut.filter(({ key }) => first.runs.has(key));
  const afterFirst = ledger.sum();

  const found: BenchState = { notes: [], scores: [], offers: [] };
  const bench = createBench({ program, sets, ledger, seed }, found);
  let built: Contender | null = null;
  let stopped = first.stopped;
  if (stopped.reason === 'done' || stopped.reason === 'budget') {
    const keptBack = () => {
      const reserve = ledger.dearest(compared.length);
      return { ...reserve, ms: afterFirst.ms };
    };
    ledger.setLimit(1, keptBack);
    stopped = await until(async () => {
      ledger.guard();
      if (train.length > 0) built = (await optimizer.search(bench)) ?? null;
    });
  }
  const afterSearch = ledger.sum();
  await ledger.tell({ type: 'stopped', ...stopped });

  const best: Contender = built ?? { program, shape: '', candidate: bench.offers()[0]?.candidate ?? base };
  const isOther = best.shape !== '' || idOf(best.candidate) !== idOf(base);
  ledger.setLimit(1);
  const second = isOther && stopped.reason !== 'called_off' ? await runHeldOut(ledger, best, compared) : null;
  const comparison =
    second && compared.length > 0 ? compareHeldOut(first.runs, second.runs, idOf(best.candidate)) : null;
  const ended = endOf(stopped, second?.stopped);
  const said = verdictOf(comparison, { stopped: ended, isFound: isOther, isScored: found.scores.length > 0 });
  await ledger.tell({ type: 'compared', best: idOf(best.candidate) });

  const isGain = said.verdict === 'gain';
  const tuned = { program: withCandidate(best.program, best.candidate) as Module<I, O>, candidate: best.candidate };
  return {
    program: isGain ? tuned.program : program,
    candidate: isGain ? best.candidate : base,
    best: tuned,
    report: {
      ...said,
      stopped: ended,
      rows: {
        ...{ train: train.length, validation: validation?.length ?? 0, heldOut: heldOut.length },
        ...{ compared: second?.runs.size ?? 0, overlapping: sets.overlapping },
      },
      before: sideOf(idOf(base), first.runs),
      after: second && sideOf(idOf(best.candidate), second.runs),
      comparison,
      spent: {
        search: spentIn(minus(afterSearch, afterFirst)),
        comparison: spentIn(minus(minus(ledger.sum(), afterSearch), minus(nothing(), afterFirst))),
        total: ledger.spent(),
      },
      failures: failuresOf(state),
      candidates: found.notes.map((note) => ({
        ...note,
        scores: found.scores.filter(({ id }) => id === note.id).map(({ id: _, ...score }) => score),
      })),
    },
    state,
  };
}
