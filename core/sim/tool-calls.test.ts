import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../records/index.ts';
import { planSim } from './index.ts';

const weather: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'integer', minimum: 1 },
        unit: { enum: ['C', 'F'] },
        note: { type: 'string' },
      },
      required: ['city', 'days', 'unit'],
    },
  },
};
const clock: JsonObject = { type: 'function', function: { name: 'clock' } };

function ask(content: string, more: JsonObject = {}) {
  const plan = planSim({
    model: 'sim/echo',
    messages: [{ role: 'user', content }],
    tools: [weather, clock],
    ...more,
  });
  if (plan.outcome === 'fail') throw new Error(plan.message);
  return plan;
}

describe('tools of the simulated model', () => {
  it('are called where the question says so, several at once', () => {
    const plan = ask('call get_weather {"city":"Oslo"}\ncall clock\ncall nothing');
    expect(plan.finishReason).toBe('tool_calls');
    expect(plan.toolCalls.map(({ name, arguments: text }) => [name, text])).toEqual([
      ['get_weather', '{"city":"Oslo"}'],
      ['clock', '{}'],
    ]);
    const ids = plan.toolCalls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(ask('call get_weather {"city":"Oslo"}\ncall clock\ncall nothing').toolCalls.map(({ id }) => id)).toEqual(
      ids,
    );
  });

  it('are called where the request insists, with the smallest arguments that fit', () => {
    const named = { tool_choice: { type: 'function', function: { name: 'get_weather' } } };
    expect(ask('Rome', named).toolCalls.map((call) => JSON.parse(call.arguments))).toEqual([
      { city: 'Rome', days: 1, unit: 'C' },
    ]);
    expect(ask('Rome', { tool_choice: 'required' }).toolCalls).toHaveLength(1);
  });

  it('are left alone otherwise, and once they have answered', () => {
    expect(ask('hello')).toMatchObject({ toolCalls: [], finishReason: 'stop' });
    expect(ask('call clock', { tool_choice: 'none' })).toMatchObject({ toolCalls: [] });
    expect(ask('call clock', { tools: [] })).toMatchObject({ toolCalls: [], finishReason: 'stop' });
    const after = [
      { role: 'user', content: 'call clock' },
      { role: 'tool', tool_call_id: 'x', content: 'noon' },
    ];
    expect(ask('', { messages: after })).toMatchObject({ toolCalls: [] });
  });
});
