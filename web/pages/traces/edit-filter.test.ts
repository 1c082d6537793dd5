import { parseFilter } from '@wheelhouse/core/query';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asksForRuns, chosenValues, toggleRuns, toggleValue, withCondition, withoutTime } from './edit-filter.ts';

describe('a filter that is edited by clicks', () => {
  it('takes values of one field as alternatives, and gives them back', () => {
    const one = toggleValue('cost>0.01 refund', 'model', 'gpt-4o');
    expect(one).toBe('cost>0.01 refund model:gpt-4o');
    const two = toggleValue(one, 'model', 'sim/echo');
    expect(two).toBe('cost>0.01 refund model:gpt-4o,sim/echo');
    expect([...chosenValues(two, 'model')]).toEqual(['gpt-4o', 'sim/echo']);
    expect(toggleValue(two, 'model', 'gpt-4o')).toBe('cost>0.01 refund model:sim/echo');
    expect(toggleValue('status:error', 'status', 'error')).toBe('');
  });

  it('can name what is not said', () => {
    const q = toggleValue('', 'environment', '');
    expect(parseFilter(q).ok).toBe(true);
    expect([...chosenValues(q, 'environment')]).toEqual(['']);
  });

  it('undoes itself, whatever the value', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const q = toggleValue('status:error', 'user', value);
        expect(chosenValues(q, 'user').has(value)).toBe(true);
        expect(toggleValue(q, 'user', value)).toBe('status:error');
      }),
    );
  });

  it('asks for the calls of evaluations, and not any more', () => {
    const q = toggleRuns('status:error');
    expect([q, asksForRuns(q)]).toEqual(['status:error run:*', true]);
    expect([toggleRuns(q), asksForRuns('status:error')]).toEqual(['status:error', false]);
  });

  it('adds conditions, and takes those of time away', () => {
    const since = { type: 'since' as const, ns: 1_795_166_042_000_000_000n };
    const q = withCondition('status:error or text:x', since);
    expect(q).toMatch(/^\(status:error or x\) since:2026-/);
    expect(withoutTime(q)).toBe('status:error or x');
  });
});
