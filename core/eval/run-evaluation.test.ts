import { describe, expect, test } from 'vitest';
import type { EarlierAnswer, ModelOutcome, Timer } from '../ports/index.ts';
import type { Cell, ExampleId, ExampleRow, Run, RunId, TraceId } from '../records/index.ts';
import {
  type Ask,
  answerKey,
  askModels,
  calledName,
  cellKey,
  type EvaluationPlan,
  type Judge,
  runEvaluation,
} from './run-evaluation.ts';
import { failed, scored } from './scorer-kind.ts';

const row = (n: number): ExampleRow => ({
  ...{ exampleId: `ex_${n}` as ExampleId, input: `question ${n}`, expected: `answer ${n}`, metadata: {} },
});
const outcome = { traceId: 't' as TraceId, latencyNs: 5n, costNanoUsd: 7n };
const answer = (text: string): ModelOutcome => ({ ok: true, text, ...outcome });
const runOf = (id: string, model: string, version: number | null): Run => ({
  ...{ id: `run_${id}` as RunId, label: id, ref: model, model, version },
});

const plan = (changes: Partial<EvaluationPlan> = {}): EvaluationPlan => ({
  runs: [runOf('a', 'bot', 1), runOf('b', 'sim/echo', null)],
  rows: [row(1), row(2), row(3)],
  judges: new Map([['exact', ({ output, expected }) => scored(output === expected ? 1 : 0)]]),
  ...{ repetitions: 2, concurrency: 2, rollout: null },
  isFinished: () => false,
  identityOf: calledName,
  earlier: () => null,
  isOver: () => false,
  ...changes,
});

/** Goes from one thing that is to be done later to the next. */
function world() {
  let nowMs = 0;
  const due: { atMs: number; action: () => void }[] = [];
  const timer: Timer = {
    after(ms, action) {
      const one = { atMs: nowMs + ms, action };
      due.push(one);
      return () => void (due.includes(one) && due.splice(due.indexOf(one), 1));
    },
  };
  return {
    timer,
    clock: { now: () => BigInt(Math.round(nowMs * 1e6)) },
    elapsed: () => nowMs,
    /** Until the work is done, whatever waits is next. */
    async through<T>(work: Promise<T>): Promise<T> {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      work.then(end, end);
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = due.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (isDone || !next) continue;
        due.splice(due.indexOf(next), 1);
        nowMs = Math.max(nowMs, next.atMs);
        next.action();
      }
      return work;
    },
  };
}

type Options = { ask?: Ask; signal?: AbortSignal; onCell?: (cell: Cell) => Promise<void> };

function start(changes: Partial<EvaluationPlan> = {}, { ask, signal, onCell }: Options = {}) {
  const cells: Cell[] = [];
  const calls: string[] = [];
  const { through, elapsed, ...deps } = world();
  const right: Ask = async (run, { input }) =>
    answer(run.model === 'bot' ? String(input).replace('question', 'answer') : 'x');
  const asking: Ask = (...question) => {
    const [run, { exampleId }, { repetition }] = question;
    calls.push(`${run.label} ${exampleId} ${repetition}`);
    return (ask ?? right)(...question);
  };
  const keep = async (cell: Cell) => void cells.push(cell);
  const done = through(
    runEvaluation({ ...deps, ask: asking }, plan(changes), {
      signal: signal ?? new AbortController().signal,
      onCell: onCell ?? keep,
    }),
  );
  return { cells, calls, done, elapsed };
}

describe('an evaluation run', () => {
  test('makes a scored cell for each example, run and repetition', async () => {
    const { cells, calls, done } = start();
    await done;
    expect(new Set(cells.map(cellKey)).size).toBe(12);
    expect(calls).toHaveLength(12);
    expect(cells.find(({ runId }) => runId === 'run_a')).toEqual({
      ...{ runId: 'run_a', exampleId: 'ex_1', repetition: 0, output: 'answer 1', error: null },
      ...{ scores: { exact: scored(1) }, ...outcome, judgeNanoUsd: 0n, cached: false, answerKey: '' },
    });
  });

  test('takes the runs in turns, each going first as often as the others', async () => {
    const runs = ['a', 'b', 'c'].map((id) => runOf(id, id, null));
    const { calls, done } = start({ runs, concurrency: 1, repetitions: 1 });
    await done;
    expect(calls.map((call) => call[0]).join('')).toBe('abcbcacab');
  });

  test('repeats no cell that was finished before', async () => {
    const kept = new Set(['run_a ex_1 0', 'run_b ex_2 1', 'run_b ex_3 0']);
    const { calls, done } = start({ isFinished: (place) => kept.has(cellKey(place)) });
    await done;
    expect(calls).toHaveLength(9);
    expect(calls).not.toContain('a ex_1 0');
  });

  test('never has more calls under way, nor takes one before its last cell is kept', async () => {
    let [open, most] = [0, 0];
    const ask: Ask = async () => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      return answer('x');
    };
    const onCell = async () => {
      await Promise.resolve();
      open--;
    };
    await start({ concurrency: 3 }, { ask, onCell }).done;
    expect(most).toBe(3);
  });

  test('keeps a failed call as a cell with its error and without a score', async () => {
    const { cells, done } = start(
      { repetitions: 1 },
      { ask: async () => ({ ok: false, error: 'no such model', ...outcome }) },
    );
    await done;
    expect(cells).toHaveLength(6);
    for (const cell of cells) expect(cell).toMatchObject({ output: null, error: 'no such model', scores: {} });
  });

  test('a judge that hangs has failed on that answer, and what judges cost is counted', async () => {
    const calls = { traceIds: [], costNanoUsd: '40' };
    const judges: EvaluationPlan['judges'] = new Map<string, Judge>([
      ['hangs', () => new Promise<never>(() => {})],
      ['costs', async () => scored(1, null, { calls })],
      ['fails', () => failed('no', { calls })],
    ]);
    const { cells, done } = start({ judges, rows: [row(1)], repetitions: 1 });
    await done;
    expect(cells[0]?.scores.hangs).toMatchObject({
      ok: false,
      error: expect.stringContaining('said nothing for 120 s'),
    });
    expect(cells[0]?.judgeNanoUsd).toBe(80n);
  });

  test('takes answers of the same rollout again, and asks what nobody answered', async () => {
    const key = answerKey({ identity: 'bot@1', input: 'question 1', repetition: 0, rollout: 'r' });
    const before: EarlierAnswer = { output: 'answer 1', latencyNs: 9n, costNanoUsd: 3n, traceId: null };
    const earlier = (wanted: string) => (wanted === key ? before : null);
    const { cells, calls, done } = start({ rollout: 'r', repetitions: 1, earlier });
    await done;
    expect(calls).toHaveLength(5);
    const taken = cells.find(({ cached }) => cached);
    expect(taken).toMatchObject({ runId: 'run_a', exampleId: 'ex_1', answerKey: key, latencyNs: 9n, costNanoUsd: 3n });
    expect(taken?.scores.exact).toEqual(scored(1));
    expect(new Set(cells.map(({ answerKey: one }) => one)).size).toBe(6);
  });

  test('begins nothing more when it is over, and ends what is under way', async () => {
    let asked = 0;
    const ask: Ask = async () => answer(`answer ${++asked}`);
    const { cells, done } = start({ isOver: () => asked >= 4 }, { ask });
    await done;
    expect(cells).toHaveLength(asked);
    expect(asked).toBeLessThanOrEqual(5);
  });

  test('stops on the signal, keeps what was answered, drops what the stop cut short, and says why', async () => {
    const controller = new AbortController();
    const ask: Ask = async () => {
      if (calls.length < 4) return answer('x');
      controller.abort(new Error('the server stops'));
      return { ok: false, error: 'aborted', ...outcome };
    };
    const { cells, calls, done } = start({ concurrency: 1 }, { ask, signal: controller.signal });
    await expect(done).rejects.toThrow('the server stops');
    expect([cells.length, calls.length]).toEqual([3, 4]);
  });

  test('fails when a cell cannot be kept or a row cannot be read, and takes no more', async () => {
    const onCell = () => Promise.reject(new Error('the store is away'));
    const unkept = start({}, { onCell });
    await expect(unkept.done).rejects.toThrow('the store is away');
    expect(unkept.calls.length).toBeLessThanOrEqual(2);
    async function* rows() {
      yield row(1);
      throw new Error('row 2 is missing');
    }
    await expect(start({ rows: rows() }).done).rejects.toThrow('row 2 is missing');
  });
});

describe('a vendor that has no room', () => {
  test('is asked again when it said, by fewer at a time, and every answer comes in the end', async () => {
    const waves: number[] = [];
    const state = { open: 0, refusals: 6 };
    const ask: Ask = async () => {
      state.open++;
      waves.push(state.open);
      await new Promise((resolve) => setImmediate(resolve));
      state.open--;
      if (state.refusals === 0) return answer('x');
      state.refusals--;
      return { ok: false, error: 'too many', limited: { retryAfterMs: 10_000 }, ...outcome, costNanoUsd: null };
    };
    const rows = Array.from({ length: 12 }, (_, n) => row(n));
    const { cells, calls, done, elapsed } = start({ rows, repetitions: 1, concurrency: 6 }, { ask });
    await done;
    expect(cells).toHaveLength(24);
    expect(cells.every(({ error }) => error === null)).toBe(true);
    expect(calls).toHaveLength(30);
    expect(elapsed()).toBe(10_000);
    // Six at first, half of them when it comes back.
    expect(Math.max(...waves.slice(0, 6))).toBe(6);
    expect(Math.max(...waves.slice(6, 10))).toBe(3);
  });

  test('that never has any fails the cell with what it said', async () => {
    const ask: Ask = async () => ({ ok: false, error: 'too many', limited: { retryAfterMs: null }, ...outcome });
    const { cells, calls, done, elapsed } = start(
      { rows: [row(1)], runs: [runOf('a', 'a', null)], repetitions: 1 },
      { ask },
    );
    await done;
    expect([cells[0]?.error, calls.length]).toEqual(['too many', 12]);
    expect(elapsed()).toBeGreaterThan(60_000);
  });
});

test('models are asked by the name of their version', async () => {
  const asked: unknown[] = [];
  const ask = askModels({
    run: async (...question) => {
      asked.push(question);
      return answer('x');
    },
  });
  const { signal } = new AbortController();
  await ask(runOf('a', 'bot', 1), row(1), { repetition: 2, signal });
  await ask(runOf('b', 'sim/echo', null), row(2), { repetition: 0, signal });
  const place = (runId: string, exampleId: string, repetition: number) => ({
    signal,
    run: { runId, exampleId, repetition },
  });
  expect(asked).toMatchObject([
    ['bot@1', { messages: [{ content: 'question 1' }] }, place('run_a', 'ex_1', 2)],
    ['sim/echo', { messages: [{ content: 'question 2' }] }, place('run_b', 'ex_2', 0)],
  ]);
});
