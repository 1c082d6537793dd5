import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../records/index.ts';
import { planSim } from './index.ts';

const ask = (content: string, more: JsonObject = {}, system?: string) =>
  planSim({
    model: 'sim/echo',
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content }],
    ...more,
  });
const answer = (plan: ReturnType<typeof planSim>) =>
  plan.outcome === 'answer' ? plan.chunks.map((c) => c.text).join('') : null;

describe('the simulated model', () => {
  it('echoes the last user message, whatever it is and however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, chunk) => {
        expect(answer(ask(text, { sim: { chunk_characters: chunk } }))).toBe(text);
      }),
    );
  });

  it('does the same for the same seed, and fails as often as it is told', () => {
    const failures = Array.from(
      { length: 1000 },
      (_, seed) => ask('x', { sim: { seed, failure_rate: 0.3 } }).outcome === 'fail',
    ).filter(Boolean).length;
    expect(failures).toBeGreaterThan(250);
    expect(failures).toBeLessThan(350);
    const settings = { sim: { seed: 7, latency_ms: 100, chunk_ms: 20, jitter: 0.5 } };
    expect(ask('hello there, you', settings)).toEqual(ask('hello there, you', settings));
  });

  it('obeys max_tokens as a vendor does', () => {
    expect(ask('x'.repeat(100), { max_tokens: 2 })).toMatchObject({ finishReason: 'length', completionTokens: 2 });
  });

  it('follows the rules of its system message as sim/rules', () => {
    const rules = '- If asked about refund, answer: Refunds take 5 days.\nEnd with: Bye.\nAnswer in upper case.';
    expect(answer(ask('About my REFUND?', { model: 'rules' }, rules))).toBe('REFUNDS TAKE 5 DAYS. BYE.');
    expect(answer(ask('hello', { model: 'sim/rules' }, 'Begin with: So:'))).toBe('So: hello');
  });

  it.each([
    [{ sim: { latency: 5 } }, 'sim.latency'],
    [{ sim: { failure_rate: 2 } }, 'sim.failure_rate'],
    [{ sim: 5 }, 'sim'],
    [{ model: 'sim/gpt' }, 'model'],
  ])('refuses %j, naming the member', (more, param) => {
    expect(() => ask('x', more as JsonObject)).toThrow(expect.objectContaining({ param }));
  });
});
