import { describe, expect, it } from 'vitest';
import type { ReviewField } from '../../data/review-queries.ts';
import { answersToSend, chosenBy, missingField, nextField, optionsOf } from './answers.ts';

const asked = { label: '', required: true };
const good: ReviewField = { ...asked, kind: 'boolean', name: 'good' };
const tone: ReviewField = { ...asked, kind: 'number', name: 'tone', low: 0, high: 5 };
const why: ReviewField = { ...asked, kind: 'text', name: 'why', required: false };
const better: ReviewField = { ...asked, kind: 'correction', name: 'better', required: false };
const which: ReviewField = { ...asked, kind: 'preference', name: 'which' };

describe('what a digit means', () => {
  it('is the place of a choice, and of numbers the number', () => {
    expect(chosenBy(good, '1')).toBe(true);
    expect(chosenBy(good, '2')).toBe(false);
    expect(chosenBy(good, '3')).toBeUndefined();
    expect(chosenBy(tone, '0')).toBe(0);
    expect(chosenBy(tone, '5')).toBe(5);
    expect(chosenBy(tone, '6')).toBeUndefined();
    expect(chosenBy(which, '2')).toBe('same');
    expect(chosenBy(why, '1')).toBeUndefined();
  });

  it('is nothing where there is too much to choose from, which is typed', () => {
    expect(optionsOf({ ...tone, high: 100 } as ReviewField)).toBeNull();
    for (const high of [0.5, 1, 2.5]) expect(optionsOf({ ...tone, high } as ReviewField)).toBeNull();
    const options = Array.from({ length: 12 }, (_, i) => ({ value: `option ${i}`, points: null }));
    const many: ReviewField = { ...asked, kind: 'choice', name: 'many', options };
    expect(chosenBy(many, '9')).toBe('option 8');
    expect(optionsOf(many)).toHaveLength(12);
  });
});

describe('the next field', () => {
  const form = [good, why, tone];
  it('is the next that is chosen and has no answer, from the beginning again', () => {
    expect(nextField(form, {}, -1)).toBe(0);
    expect(nextField(form, { good: true }, 0)).toBe(2);
    expect(nextField(form, { tone: 1 }, 2)).toBe(0);
    expect(nextField(form, { good: true, tone: 0 }, 0)).toBeNull();
  });

  it('must be answered, or is told', () => {
    expect(missingField(form, { good: false })).toBe(tone);
    expect(missingField(form, { good: false, tone: 0 })).toBeUndefined();
  });
});

it('sends no empty text, and no correction that corrects nothing', () => {
  const form = [good, why, better];
  expect(answersToSend(form, { good: false, why: '', better: 'Oslo' }, 'Oslo')).toEqual({ good: false });
  expect(answersToSend(form, { good: false, better: 'Oslo.' }, 'Oslo')).toEqual({ good: false, better: 'Oslo.' });
});
