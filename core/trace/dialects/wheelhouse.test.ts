import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../records/index.ts';
import type { OtlpSpan } from '../otlp-span.ts';
import { bareFields } from './dialect.ts';
import { withWheelhouse } from './wheelhouse.ts';

const read = (attributes: JsonObject, fields = bareFields(attributes)) =>
  withWheelhouse({ attributes } as OtlpSpan, fields);

describe('what our own SDK writes', () => {
  it('gives tags, metadata, input and output to spans of any dialect, which keep what they say themselves', () => {
    const own = { ...bareFields({}), tags: ['a'], metadata: { plan: 'own' } };
    expect(
      read(
        {
          'wheelhouse.tags': ['a', 'b'],
          'wheelhouse.metadata': '{"plan":"pro","seat":1}',
          'wheelhouse.input': '{"question":"Why?"}',
          'wheelhouse.output': 'Because.',
        },
        own,
      ),
    ).toMatchObject({
      tags: ['a', 'b'],
      metadata: { plan: 'own', seat: 1 },
      input: { type: 'json', value: { question: 'Why?' } },
      output: { type: 'json', value: 'Because.' },
    });
  });

  it('tells the dear part of what was written to a cache from the sum', () => {
    const usage = (counts: object) => ({ ...bareFields({}), usage: { counts, source: 'emitter' as const } });
    const dear = { 'wheelhouse.usage.cache_write_1h.input_tokens': 30 };
    expect(read(dear, usage({ inputUncached: 1, cacheWrite5m: 50 })).usage?.counts).toEqual({
      inputUncached: 1,
      cacheWrite5m: 20,
      cacheWrite1h: 30,
    });
    expect(read(dear, usage({ cacheWrite5m: 30 })).usage?.counts).toEqual({ cacheWrite1h: 30 });
    expect(read(dear, usage({ cacheWrite5m: 10 })).usage?.counts).toEqual({ cacheWrite1h: 10 });
    expect(read(dear).usage).toBeNull();
  });

  it('leaves other spans as they are', () => {
    const fields = bareFields({});
    expect(read({ 'gen_ai.request.model': 'm' }, fields)).toBe(fields);
  });
});
