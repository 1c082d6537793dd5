import { parseFilter } from '@wheelhouse/core/query';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeFilter, fieldAt } from './complete-filter.ts';

const known = { values: ['gpt-4o-mini', 'support bot@2', 'sim/echo'], scores: ['grounded', 'help ful'] };
const labels = (text: string, caret = text.length) => completeFilter(text, caret, known).map((one) => one.label);
const filled = (text: string, label: string) => {
  const found = completeFilter(text, text.length, known).find((one) => one.label === label);
  return found ? text.slice(0, found.from) + found.insert + text.slice(found.to) : null;
};

describe('completion of the filter', () => {
  it('offers fields by the beginning of their name or of another name of theirs', () => {
    expect(labels('sta')).toEqual(['status']);
    expect(labels('status:error env')).toEqual(['environment']);
    expect(labels('(-lat')).toEqual(['latency']);
    expect(filled('status:error lat', 'latency')).toBe('status:error latency>');
  });

  it('offers the values of a field, known ones and recorded ones', () => {
    expect(labels('status:')).toEqual(['ok', 'error', 'unset']);
    expect(labels('model:GPT')).toEqual(['gpt-4o-mini']);
    expect(labels('last:')).toContain('24h');
    expect(labels('has:sco')).toEqual(['score']);
    expect(filled('-model:sim/echo,sup', 'support bot@2')).toBe('-model:sim/echo,"support bot@2"');
  });

  it('offers the names of scores', () => {
    expect(filled('score.gr', 'score.grounded')).toBe('score.grounded');
    expect(labels('score.')).toEqual(['score.grounded', 'score."help ful"']);
  });

  it('looks only at what is before the caret, and not into quotes', () => {
    expect(labels('status: model:x', 'status:'.length)).toEqual(['ok', 'error', 'unset']);
    expect(labels('"my sta')).toEqual([]);
  });

  it('asks for recorded values where there are no fixed ones', () => {
    expect([fieldAt('status:', 7), fieldAt('model:g', 7), fieldAt('env:', 4), fieldAt('mod', 3)]).toEqual([
      null,
      'model',
      'environment',
      null,
    ]);
  });

  it('makes a filter that can be read of every value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const [found] = completeFilter('model:', 6, { values: [value], scores: [] });
        if (found) expect(parseFilter(`model:${found.insert}`)).toMatchObject({ ok: true });
      }),
    );
  });
});
