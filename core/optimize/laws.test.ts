import { ruleTask } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import type { Json } from '../records/index.ts';
import {
  bootstrapFewShot,
  type CompileEvent,
  type CompileState,
  compile,
  copro,
  ensembleOf,
  gepa,
  inSequence,
  knnFewShot,
  labeledFewShot,
  mipro,
  type Optimizer,
  randomSearch,
  simba,
} from './index.ts';

const small = { rules: 4, labels: 3, train: 6, validation: 5, heldOut: 6 };
const optimizers: Optimizer[] = [
  labeledFewShot({ k: 4 }),
  bootstrapFewShot({ maxRounds: 2 }),
  randomSearch({ candidates: 2 }),
  mipro(),
  gepa({ runs: 60 }),
  knnFewShot(),
  copro({ breadth: 3, depth: 2 }),
  simba({ batch: 4, candidates: 2, steps: 2 }),
  ensembleOf(randomSearch({ candidates: 1 })),
  inSequence([bootstrapFewShot(), gepa({ runs: 30 })]),
];

type Told = { events: CompileEvent[]; onEvent: (event: CompileEvent, state: CompileState) => void };
function telling(cutAt = Infinity): Told & { kept: Json | undefined } {
  const told: Told & { kept: Json | undefined } = {
    events: [],
    kept: undefined,
    onEvent(event, state) {
      told.events.push(structuredClone(event));
      if (event.n !== cutAt) return;
      told.kept = JSON.parse(JSON.stringify(state)) as Json;
      throw new Error('killed');
    },
  };
  return told;
}

const given = (task: ReturnType<typeof ruleTask>, optimizer: Optimizer) => {
  const { train, validation, heldOut, metric } = task;
  return { train, validation, heldOut, metric, optimizer, seed: 5, budget: { calls: 120 } };
};

describe.each(optimizers)('$name', (optimizer) => {
  it('never sees a row held out, and shows no row its own answer', async () => {
    const task = ruleTask({ seed: 2, ...small });
    const { world } = task.deps;
    const done = await compile(task.program, given(task, optimizer), task.deps);
    const compared = (done.report.rows.compared > 0 ? 2 : 1) + (optimizer.name === 'ensemble' ? 2 : 0);
    for (const { input } of task.heldOut) {
      const asks = world.asked.filter(({ messages }) =>
        messages.some(({ content }) => content.includes(input.question)),
      );
      expect(asks.length).toBeLessThanOrEqual(compared);
      for (const { messages, text } of asks) {
        expect(text).toContain(`[[ ## question ## ]]\n${input.question}`);
        expect(messages.slice(0, -1).some(({ content }) => content.includes(input.question))).toBe(false);
      }
    }
    for (const { messages, text } of world.asked) {
      const [, question] = /^\[\[ ## question ## \]\]\n(.+)/.exec(text) ?? [];
      if (question !== undefined)
        expect(messages.slice(0, -1).some(({ content }) => content.includes(question))).toBe(false);
    }
  });

  it('asks nothing twice, and the same seed makes the same of it', async () => {
    const task = ruleTask({ seed: 2, ...small });
    const [first, second] = [telling(), telling()];
    const done = await compile(task.program, { ...given(task, optimizer), onEvent: first.onEvent }, task.deps);
    const asked = task.deps.world.asked.map(({ messages, parameters }) => JSON.stringify([messages, parameters]));
    // What votes asks for itself, also what was asked before.
    if (optimizer.name !== 'ensemble') expect(new Set(asked).size).toBe(asked.length);
    expect(done.report.spent.total.calls).toBe(asked.length);
    const again = await compile(task.program, { ...given(task, optimizer), onEvent: second.onEvent }, task.deps);
    expect(again.report).toEqual(done.report);
    expect(second.events).toEqual(first.events);
  });

  it('goes on from wherever it was killed, to the same end, and asks only what was not asked', async () => {
    const task = ruleTask({ seed: 3, ...small });
    const whole = telling();
    const done = await compile(task.program, { ...given(task, optimizer), onEvent: whole.onEvent }, task.deps);
    const asked = task.deps.world.asked.length;
    // At every event for the one that has all kinds of them, at ten for the others.
    const stride = optimizer.name === 'gepa' ? 1 : Math.max(1, Math.floor(whole.events.length / 10));
    for (let cut = 0; cut < whole.events.length; cut += stride) {
      const { deps } = ruleTask({ seed: 3, ...small });
      const [killed, resumed] = [telling(cut), telling()];
      const first = compile(task.program, { ...given(task, optimizer), onEvent: killed.onEvent, concurrency: 1 }, deps);
      await expect(first).rejects.toThrow('killed');
      const state = killed.kept ?? null;
      const options = { ...given(task, optimizer), onEvent: resumed.onEvent, concurrency: 1, state };
      const second = await compile(task.program, options, deps);
      expect(second.candidate).toEqual(done.candidate);
      expect(second.report).toEqual(done.report);
      expect(resumed.events.map(({ type }) => type)).toEqual(whole.events.map(({ type }) => type));
      expect(deps.world.asked).toHaveLength(asked);
    }
  });
});
