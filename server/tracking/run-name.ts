import type { Random } from '@wheelhouse/core/ports';

const hows = [
  'amber',
  'bold',
  'calm',
  'clever',
  'crisp',
  'eager',
  'gentle',
  'keen',
  'lucky',
  'merry',
  'quick',
  'quiet',
];
const whats = ['ant', 'crane', 'deer', 'finch', 'hare', 'heron', 'lynx', 'moth', 'otter', 'robin', 'seal', 'wren'];

/** For a run that nobody named: easier to say than its id. */
export function newRunName(random: Random): string {
  const [how = 0, what = 0, high = 0, low = 0] = random.bytes(4);
  return `${hows[how % hows.length]}-${whats[what % whats.length]}-${(high * 256 + low) % 1000}`;
}
