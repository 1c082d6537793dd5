import type { PackagedVersion } from '@wheelhouse/core/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from './publish-package.ts';

const refs = ['ask@2', 'bot@1', 'case@production', 'day@1', 'ask@1'];

/** Leads to other names of the list. */
const version = (ref: string, names: readonly string[]): PackagedVersion => ({
  ...{ name: ref.split('@')[0] ?? '', number: Number(ref.split('@')[1]) || 1, hash: ref, example: null },
  definition: {
    ...{ flavor: 'chain', steps: names.map((model, i) => ({ id: `s${i}`, do: 'prompt', model })) },
  },
  ...{ signature: { input: {}, output: {} }, message: '', author: 'ann', createdAt: '2026-01-01T00:00:00Z' },
});

test('what others lead to is published before them, whatever their names are', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(refs, { minLength: refs.length }),
      fc.array(fc.nat(), { minLength: 9 }),
      (list, picks) => {
        // Each leads only to those after it, so that there is no circle.
        const led = new Map(
          list.map((ref, i) => [
            ref,
            version(
              ref,
              list.slice(i + 1).filter((_, at) => (picks[(i + at) % 9] ?? 0) % 2 === 0),
            ),
          ]),
        );
        const order = inOrder(led).map(([ref]) => ref);
        expect([...order].sort()).toEqual([...refs].sort());
        for (const [ref, one] of led)
          for (const { model } of (one.definition as unknown as { steps: { model: string }[] }).steps)
            expect(order.indexOf(model)).toBeLessThan(order.indexOf(ref));
      },
    ),
  );
});

test('versions of a model that do not lead to each other come by their numbers', () => {
  const led = new Map(['ask@2', 'bot@1', 'ask@1'].map((ref) => [ref, version(ref, [])]));
  const order = inOrder(led).map(([ref]) => ref);
  expect(order.indexOf('ask@1')).toBeLessThan(order.indexOf('ask@2'));
});
