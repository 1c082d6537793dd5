import { compile, gepa } from '@wheelhouse/core/optimize';
import { chatAdapter, runProgram, withCandidate } from '@wheelhouse/core/program';
import { programWorld } from '@wheelhouse/sdk/program';
import { lineAdapter } from './line-adapter.ts';
import { concurrency, rowsOfSeed } from './plan.ts';
import { metricOf, type Task } from './tasks.ts';

/** What the guides say, looked at with a model that has not read them. */
export type Promises = {
  /** Of programs that were asked as Chat has it, without demonstrations. */
  unreadable: {
    runs: number /** Asked once more as JSON. */;
    askedAgain: number /** Ended as `answer_unreadable`. */;
    said: number;
  };
  /** Of programs with demonstrations whose fields were streamed: those that came to values, and those whose pieces are these. */
  streamed: { runs: number; pieces: number; ended: number; equal: number };
  /** The model as its own proposer. */
  reflection: { calls: number; instructions: string[]; sentence: string };
};

const runs = 8;

async function unreadable(task: Task, baseUrl: string): Promise<Promises['unreadable']> {
  const world = programWorld({ baseUrl, model: 'llama-cpp/gemma-3-270m', adapter: chatAdapter });
  const found = { runs, askedAgain: 0, said: 0 };
  for (const { input } of task.rows.heldOut.slice(0, runs)) {
    const outcome = await runProgram(task.program, input, world);
    const [first, second] = outcome.calls[0]?.asks ?? [];
    if (first?.adapter === 'chat' && second?.adapter === 'json') found.askedAgain++;
    if (!outcome.ok && outcome.error.code === 'answer_unreadable') found.said++;
  }
  return found;
}

async function streamed(task: Task, baseUrl: string): Promise<Promises['streamed']> {
  const demos = task.rows.pool.slice(0, 4).map(({ input, expected }) => ({ values: { ...input, ...expected } }));
  // Chat has fields in sections, which these demonstrations show, and ends with a marker instead of a line.
  const parameters = { max_tokens: 48, stop: ['[[ ## completed'] };
  const program = withCandidate(task.program, { '': { demos, parameters } });
  const found = { runs, pieces: 0, ended: 0, equal: 0 };
  for (const { input } of task.rows.heldOut.slice(0, runs)) {
    const told: Record<string, string> = {};
    const world = programWorld({
      ...{ baseUrl, model: 'llama-cpp/gemma-3-270m', adapter: chatAdapter },
      onField({ field, text }) {
        found.pieces++;
        told[field] = (told[field] ?? '') + text;
      },
    });
    const outcome = await runProgram(program, input, world);
    if (!outcome.ok) continue;
    found.ended++;
    const values = Object.entries(outcome.output as object);
    if (values.every(([name, value]) => told[name]?.trim() === String(value))) found.equal++;
  }
  return found;
}

async function reflection(task: Task, baseUrl: string): Promise<Promises['reflection']> {
  const { train, validation, heldOut } = rowsOfSeed(task, 0, 20);
  const { report } = await compile(
    task.program,
    {
      ...{ train, validation, heldOut, seed: 0, concurrency, budget: { calls: 150 } },
      optimizer: gepa({ runs: 60 }),
      metric: (answered) => {
        const right = metricOf(task)(answered);
        return {
          score: right ? 1 : 0,
          feedback: right ? 'Right.' : `Wrong: it is ${JSON.stringify(answered.expected)}.`,
        };
      },
    },
    {
      world: programWorld({ baseUrl, model: 'llama-cpp/gemma-3-270m', adapter: lineAdapter }),
      clock: { now: () => BigInt(Date.now()) * 1_000_000n },
    },
  );
  const written = report.candidates.flatMap(({ changes }) =>
    changes.flatMap((change) => (change.member === 'instructions' ? [String(change.after)] : [])),
  );
  return { calls: report.spent.total.calls, instructions: written, sentence: report.sentence };
}

/** @param task one whose program is a single predictor */
export const lookAtPromises = async (task: Task, baseUrl: string): Promise<Promises> => ({
  unreadable: await unreadable(task, baseUrl),
  streamed: await streamed(task, baseUrl),
  reflection: await reflection(task, baseUrl),
});
