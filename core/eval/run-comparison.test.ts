import { describe, expect, test } from 'vitest';
import type { ModelOutcome, ModelRunner } from '../ports/index.ts';
import type { Cell, ExampleId, ExampleRow, RunId, TraceId } from '../records/index.ts';
import { type ComparisonPlan, cellKey, runComparison } from './run-comparison.ts';
import { scored } from './scorer-kind.ts';

const row = (n: number): ExampleRow => ({
  exampleId: `ex_${n}` as ExampleId,
  input: `question ${n}`,
  expected: `answer ${n}`,
});
const outcome = { traceId: 't' as TraceId, latencyNs: 5n, costNanoUsd: 7n };
const answer = (text: string): ModelOutcome => ({ ok: true, text, ...outcome });

const plan = (changes: Partial<ComparisonPlan> = {}): ComparisonPlan => ({
  a: { id: 'run_a' as RunId, ref: 'bot@production', model: 'bot', version: 1 },
  b: { id: 'run_b' as RunId, ref: 'sim/echo', model: 'sim/echo', version: null },
  rows: [row(1), row(2), row(3)],
  scorers: new Map([['exact', (output, expected) => scored(output === expected ? 1 : 0)]]),
  repetitions: 2,
  concurrency: 2,
  finished: new Set(),
  ...changes,
});

function recorder() {
  const cells: Cell[] = [];
  const onCell = async (cell: Cell) => {
    cells.push(cell);
  };
  return { cells, onCell };
}

/** Answers what is expected on A only, and keeps what it was asked. */
function runnerOf(
  run: ModelRunner['run'] = async (model, input) => {
    const { content } = input.messages[0] as { content: string };
    return answer(model === 'bot@1' ? content.replace('question', 'answer') : content);
  },
) {
  const calls: { model: string; place: string }[] = [];
  const runner: ModelRunner = {
    run: (model, input, options) => {
      calls.push({ model, place: `${options.run?.runId} ${options.run?.exampleId} ${options.run?.repetition}` });
      return run(model, input, options);
    },
  };
  return { runner, calls };
}

const signal = () => new AbortController().signal;

describe('a comparison run', () => {
  test('makes a scored cell for each example, side and repetition', async () => {
    const { runner, calls } = runnerOf();
    const { cells, onCell } = recorder();
    await runComparison({ runner }, plan(), { signal: signal(), onCell });
    expect(new Set(cells.map(cellKey)).size).toBe(12);
    expect(new Set(calls.map(({ model }) => model))).toEqual(new Set(['bot@1', 'sim/echo']));
    expect(cells.find(({ runId }) => runId === 'run_a')).toEqual({
      runId: 'run_a',
      exampleId: 'ex_1',
      repetition: 0,
      output: 'answer 1',
      error: null,
      scores: { exact: { ok: true, score: 1, reason: null } },
      ...outcome,
    });
    for (const cell of cells)
      expect(cell.scores.exact).toMatchObject({ ok: true, score: cell.runId === 'run_a' ? 1 : 0 });
  });

  test('takes the sides in turns, each going first as often as the other', async () => {
    const { runner, calls } = runnerOf();
    const { onCell } = recorder();
    await runComparison({ runner }, plan({ concurrency: 1, repetitions: 2, rows: [row(1), row(2)] }), {
      signal: signal(),
      onCell,
    });
    expect(calls.map(({ model }) => model)).toEqual([
      'bot@1',
      'sim/echo',
      'sim/echo',
      'bot@1',
      'bot@1',
      'sim/echo',
      'sim/echo',
      'bot@1',
    ]);
  });

  test('repeats no cell that was finished before', async () => {
    const first = recorder();
    await runComparison({ runner: runnerOf().runner }, plan(), { signal: signal(), onCell: first.onCell });
    const kept = first.cells.slice(0, 7).map(cellKey);
    const { runner, calls } = runnerOf();
    const second = recorder();
    await runComparison({ runner }, plan({ finished: new Set(kept) }), { signal: signal(), onCell: second.onCell });
    expect(calls).toHaveLength(5);
    expect(new Set([...kept, ...second.cells.map(cellKey)])).toEqual(new Set(first.cells.map(cellKey)));
  });

  test('never has more calls under way, nor takes one before its last cell is kept', async () => {
    let open = 0;
    let most = 0;
    const { runner } = runnerOf(async () => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      return answer('x');
    });
    const onCell = async () => {
      await Promise.resolve();
      await Promise.resolve();
      open--;
    };
    await runComparison({ runner }, plan({ concurrency: 3 }), { signal: signal(), onCell });
    expect(most).toBe(3);
  });

  test('keeps a failed call as a cell with its error and without a score', async () => {
    const { runner } = runnerOf(async () => ({ ok: false, error: 'rate limited', ...outcome }));
    const { cells, onCell } = recorder();
    await runComparison({ runner }, plan({ repetitions: 1 }), { signal: signal(), onCell });
    expect(cells).toHaveLength(6);
    for (const cell of cells) expect(cell).toMatchObject({ output: null, error: 'rate limited', scores: {} });
  });

  test('stops on the signal, keeps what was answered, drops what the stop cut short, and says why', async () => {
    const controller = new AbortController();
    let calls = 0;
    const { runner } = runnerOf(async () => {
      if (++calls < 4) return answer('x');
      controller.abort(new Error('the server stops'));
      return { ok: false, error: 'aborted', ...outcome };
    });
    const { cells, onCell } = recorder();
    await expect(
      runComparison({ runner }, plan({ concurrency: 1 }), { signal: controller.signal, onCell }),
    ).rejects.toThrow('the server stops');
    expect(cells).toHaveLength(3);
    expect(calls).toBe(4);
  });

  test('fails when a cell cannot be kept, and takes no more', async () => {
    const { runner, calls } = runnerOf();
    const onCell = async () => {
      throw new Error('the store is away');
    };
    await expect(runComparison({ runner }, plan({ concurrency: 2 }), { signal: signal(), onCell })).rejects.toThrow(
      'the store is away',
    );
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  test('fails when a row cannot be read', async () => {
    async function* rows() {
      yield row(1);
      throw new Error('row 2 is missing');
    }
    const { onCell } = recorder();
    await expect(
      runComparison({ runner: runnerOf().runner }, plan({ rows: rows() }), { signal: signal(), onCell }),
    ).rejects.toThrow('row 2 is missing');
  });
});
