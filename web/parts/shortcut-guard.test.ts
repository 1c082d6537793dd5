import { describe, expect, it } from 'vitest';
import { isTaken, type Press } from './shortcut-guard.ts';

/** The focus is on something that only the given part of a selector matches. */
const press = (key: string, focus = '', change: Partial<Press> = {}): Press => ({
  key,
  isComposing: false,
  defaultPrevented: false,
  inside: (selector) => focus !== '' && selector.includes(focus),
  isCovered: false,
  ...change,
});

describe('a shortcut', () => {
  it.each([
    ['a letter with the focus on nothing', press('j'), false],
    ['a letter while typing', press('j', 'textarea'), true],
    ['a letter in a list of choices', press('j', 'select'), true],
    ['a letter on a focused button', press('j', 'button'), false],
    ['Enter on a focused button', press('Enter', 'button'), true],
    ['Enter on a focused link', press('Enter', 'a, '), true],
    ['Escape while typing', press('Escape', 'textarea'), false],
    ['an arrow on a slider', press('ArrowLeft', '[role="slider"]'), true],
    ['a letter under an open dialog', press('j', '', { isCovered: true }), true],
    ['Escape under an open dialog', press('Escape', '', { isCovered: true }), true],
    ['a key of an input method', press('j', '', { isComposing: true }), true],
    ['a key that something else has used', press('j', '', { defaultPrevented: true }), true],
  ])('%s: taken %s', (_, given, taken) => {
    expect(isTaken(given, {})).toBe(taken);
  });

  it('that always works does so while typing and under a dialog', () => {
    expect(isTaken(press('k', 'textarea', { isCovered: true }), { always: true })).toBe(false);
  });
});
