import { ruleTask } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { bootstrapFewShot, compile, finetuneRows } from '../index.ts';

it('makes conversations of the runs that were right, as the program asks without examples', async () => {
  const { program, train, validation, heldOut, metric, deps } = ruleTask({
    seed: 2,
    train: 12,
    validation: 5,
    heldOut: 5,
  });
  const optimizer = bootstrapFewShot({ maxBootstrapped: 12, maxLabeled: 8 });
  const options = { train, validation, heldOut, metric, optimizer, seed: 1, budget: { calls: 200 } };
  const { state } = await compile(program, options, deps);
  const { '': rows = [] } = finetuneRows(program, state);
  const right = state.entries.filter((entry) => entry.kind === 'run' && entry.calls && entry.score === 1);
  expect(rows).toHaveLength(right.length);
  expect(rows.length).toBeGreaterThan(3);
  const [alone] = deps.world.asked.filter(({ messages }) => messages.length === 2);
  for (const { messages } of rows) {
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant']);
    expect(messages[0]).toEqual(alone?.messages[0]);
    const row = train.find(({ input }) => messages[1]?.content.includes(input.question));
    expect(messages[2]?.content).toContain((row?.expected as { label: string } | undefined)?.label);
    expect(messages[1]?.content).toContain('Respond with the corresponding output fields');
  }
  expect(finetuneRows(program, state)).toEqual({ '': rows });
});
