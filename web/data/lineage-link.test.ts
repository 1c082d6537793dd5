import { expect, it } from 'vitest';
import { lineagePlace } from './lineage-link.ts';

it.each([
  ['trace:abcdef0123456789', 'abcdef01', '/traces/abcdef0123456789'],
  ['span:aa/bb', 'bb', '/traces/aa?span=bb'],
  ['version:support-bot@3', 'support-bot@3', '/models/support-bot?version=3'],
  ['alias:support-bot@production', 'support-bot@production', '/models/support-bot?tab=aliases'],
  ['dataset:golden@2', 'golden@2', '/datasets/golden?version=2'],
  ['example:golden/ex_1', 'golden/ex_1', '/datasets/golden'],
  ['evaluation:ev_1', 'ev_1', '/experiments/ev_1'],
  ['moon:1', '1', null],
])('%s leads where it is shown', (ref, label, href) => {
  expect(lineagePlace(ref)).toMatchObject({ label, href });
});
