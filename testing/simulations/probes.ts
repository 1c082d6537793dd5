import { judgeProbe, noProbe } from '@wheelhouse/core/watch';
import { defineSimulation, type Uniform } from './simulation.ts';

/** How a model answers a prompt: a sentence of so many words, each of which may be another as often as that. */
type Model = { words: number; varies: number };
const models: Record<string, Model> = {
  'always the same': { words: 20, varies: 0 },
  'a word in ten varies': { words: 20, varies: 0.1 },
  'every other word varies': { words: 20, varies: 0.5 },
};
/** Of how many of ten prompts the answers change, and how many of their words. */
const changes: Record<string, { prompts: number; words: number }> = {
  'all answers, wholly': { prompts: 1, words: 1 },
  'all answers, a fifth of their words': { prompts: 1, words: 0.2 },
  'three answers in ten, wholly': { prompts: 0.3, words: 1 },
};

const prompts = 10;
const hourMs = 3_600_000;
const runsMs = 6 * hourMs;
const before = 20;
/** Nobody waits longer for a change to be called. */
const mostDelay = 40;
const quietRuns = 120;

const word = (...at: number[]) => {
  const hash = at.reduce((sum, one) => (Math.imul(sum ^ one, 0x01000193) >>> 0) + 7, 0x811c9dc5);
  return Array.from({ length: 5 }, (_, i) => String.fromCharCode(97 + ((hash >>> (5 * i)) % 26))).join('');
};

type Changed = { prompts: number; words: number } | null;
function answer(u: Uniform, { words, varies }: Model, prompt: number, changed: Changed): string {
  const isChanged = changed !== null && prompt < changed.prompts * prompts;
  return Array.from({ length: words }, (_, place) => {
    const version = isChanged && place < changed.words * words ? 1 : 0;
    return word(prompt, place, version, u() < varies ? 1 + Math.floor(3 * u()) : 0);
  }).join(' ');
}

/** In which runs a change is called, of so many; from `changesAt` on the model answers otherwise. */
function calledRuns(
  u: Uniform,
  model: Model,
  { runs, changesAt, changed }: { runs: number; changesAt: number; changed: Changed },
) {
  let state = noProbe;
  const startMs = Math.floor(1e6 * u()) * hourMs;
  const called: number[] = [];
  for (let run = 0; run < runs; run++) {
    const at = new Date(startMs + run * runsMs).toISOString();
    const now = run < changesAt ? null : changed;
    const texts = Array.from({ length: prompts }, (_, prompt) => answer(u, model, prompt, now));
    const found = judgeProbe(state, { at, texts, model: 'm' });
    state = found.state;
    if (found.judgement.found === 'bad') called.push(run);
    if (changed !== null && called.some((one) => one >= changesAt)) break;
  }
  return called;
}

type Cell = { id: string; runs: number; model: string; change: string | null };

export const probes = defineSimulation<Cell>({
  name: 'probes',
  about:
    'How often a probe of ten prompts calls a change in a run while its model stays as it is, and how many runs pass until a change after twenty runs is called, of models whose answers differ more or less anyhow.',
  runs: 200,
  repeated: 1,
  cells: Object.keys(models).flatMap((model) =>
    [null, ...Object.keys(changes)].map((change) => ({
      ...{ id: `${model}: ${change ?? 'nothing changes'}`, runs: change === null ? 200 : 100, model, change },
    })),
  ),
  once: ({ model, change }, u) => {
    const of = models[model] as Model;
    if (change === null) {
      const called = calledRuns(u, of, { runs: quietRuns, changesAt: quietRuns, changed: null });
      return { 'false alarms a run': called.length / quietRuns };
    }
    const changed = changes[change] as (typeof changes)[string];
    const called = calledRuns(u, of, { runs: before + mostDelay, changesAt: before, changed });
    const first = called.find((run) => run >= before);
    return {
      'called within 40 runs': first === undefined ? 0 : 1,
      'runs until called': first === undefined ? null : first - before + 1,
    };
  },
  claims: [
    {
      says: 'a false alarm in at most one run in a thousand (two standard errors allowed)',
      holds: ({ change }, { 'false alarms a run': alarms }) =>
        change !== null || (alarms?.value ?? 1) - 2 * (alarms?.error ?? 0) <= 1 / 1000,
    },
    {
      says: 'a change of all answers wholly is called in the first two runs after it, always',
      holds: ({ change }, { 'called within 40 runs': called, 'runs until called': runs }) =>
        change !== 'all answers, wholly' || (called?.value === 1 && (runs?.value ?? 99) <= 2),
    },
  ],
});
