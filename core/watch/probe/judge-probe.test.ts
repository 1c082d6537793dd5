import { describe, expect, test } from 'vitest';
import { uniformFrom } from '../../stats/index.ts';
import { judgeProbe, noProbe } from './judge-probe.ts';

const hourMs = 3_600_000;
const cities = ['Oslo', 'Rome', 'Lima', 'Cairo', 'Tokyo', 'Paris', 'Quito', 'Delhi', 'Accra', 'Sofia'];
type Answer = (city: string, uniform: () => number) => string | null;
/** A model with three ways to say the same. */
const before: Answer = (city, uniform) => {
  const ways = ['It is', 'The capital is', 'That would be'];
  return `${ways[Math.floor(uniform() * ways.length)]} ${city}.`;
};
const after: Answer = (city) => `Great question! I am happy to help: ${city}, of course.`;

/** Asks a model again and again; gives what each run found. */
function watch(runs: number, answerAt: (run: number) => Answer, seed = 1) {
  const uniform = uniformFrom(seed);
  let state = noProbe;
  return Array.from({ length: runs }, (_, run) => {
    const at = new Date(Date.UTC(2026, 0, 1) + (run + 1000 * seed) * 6 * hourMs).toISOString();
    const found = judgeProbe(state, { at, texts: cities.map((city) => answerAt(run)(city, uniform)), model: 'm' });
    state = found.state;
    return { ...found, at };
  });
}
const badRuns = (found: ReturnType<typeof watch>) =>
  found.flatMap(({ judgement }, run) => (judgement.found === 'bad' ? [run] : []));

describe('a probe', () => {
  test('first learns how much answers differ anyhow', () => {
    const found = watch(7, () => before);
    expect(found.map(({ judgement }) => judgement.found)).toEqual([
      ...['nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'good', 'good'],
    ]);
    expect(found[0]?.value).toBeNull();
    expect(found[6]?.judgement.sentence).toMatch(/^The answers of m are [\d.]+ % alike to those before, usual is /);
  });

  test.each([
    ['of all answers, within two runs', (): Answer => after, 2],
    ['of three answers in ten, within ten runs', (): Answer => (city, u) => (city < 'D' ? after : before)(city, u), 12],
  ])('sees a change %s, says when it began, and begins anew', (_, changed, most) => {
    const found = watch(50, (run) => (run < 20 ? before : changed()));
    const [first = 99, ...others] = badRuns(found);
    expect(first).toBeGreaterThanOrEqual(20);
    expect(first).toBeLessThan(20 + most);
    expect(others).toEqual([]);
    const began = found[first]?.state.changedAt ?? '';
    expect(found.slice(15, 23).map(({ at }) => at)).toContain(began);
    expect(found[first]?.judgement.sentence).toContain(`m answers otherwise since ${began.slice(0, 10)}`);
    expect(found[first]?.state.runs.length).toBeLessThan(first);
  });

  test('takes a model that always answers the same for what it is, and sees when that ends', () => {
    const same: Answer = (city) => `It is ${city}.`;
    const found = watch(60, (run) => (run < 30 ? same : after));
    expect(badRuns(found)).toEqual([expect.toSatisfy((run: number) => run === 30 || run === 31)]);
  });

  test('calls a change that was none in far fewer than one run in a thousand', () => {
    const called = Array.from({ length: 8 }, (_, seed) => badRuns(watch(60, () => before, seed + 2)).length);
    expect(called.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(3);
  });

  test('says nothing of a run that got few answers, and forgets nothing', () => {
    const found = watch(12, (run) => (run === 10 ? () => null : before));
    expect(found[10]).toMatchObject({ judgement: { found: 'nothing' }, rows: 0, value: null });
    expect(found[10]?.state).toBe(found[9]?.state);
    expect(found[11]?.judgement.found).toBe('good');
  });

  test('remembers no more than forty runs', () => {
    for (const { state } of watch(90, () => before)) expect(state.runs.length).toBeLessThan(40);
  });
});
