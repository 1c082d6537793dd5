import { expect, it, test } from 'vitest';
import { noControl, readControl } from './control-headers.ts';

it('reads what callers say beside the request', () => {
  const control = readControl({
    'x-wheelhouse-tags': 'a, b,,c',
    'x-wheelhouse-user': ' u1 ',
    'x-wheelhouse-session': 's1',
    'x-wheelhouse-cache': 'No-Store',
    'x-wheelhouse-deadline-ms': '1500',
    'x-wheelhouse-metadata': '{"plan":"pro"}',
  });
  expect(control).toEqual({
    tags: ['a', 'b', 'c'],
    user: 'u1',
    session: 's1',
    cache: 'no-store',
    deadlineMs: 1500,
    metadata: { plan: 'pro' },
  });
  expect(readControl({ host: 'x', accept: '*/*' })).toBe(noControl);
});

test.each([
  ['deadline-ms', 'soon'],
  ['deadline-ms', '0'],
  ['metadata', '[1]'],
  ['metadata', '{'],
  ['user', 'x'.repeat(300)],
  ['tags', Array.from({ length: 40 }, (_, i) => `t${i}`).join(',')],
])('refuses %s: %s by name', (name, value) => {
  expect(() => readControl({ [`x-wheelhouse-${name}`]: value })).toThrow(`x-wheelhouse-${name}`);
});
