import { newAbuseUser } from '@wheelhouse/core/watch';
import { expect, it } from 'vitest';
import { findInAbuse } from './of-abuse.ts';

const held = (user: string, more: object = {}) => ({
  ...{ ...newAbuseUser(user), rung: 'log' as const, untilMs: 2_000, ...more },
});

it('has users whom the gateway holds before those who are listed, and none whose hold is over or a person’s', () => {
  const { rows, looked } = findInAbuse(
    [
      held('listed'),
      held('a/b', { rung: 'block' }),
      held('over', { rung: 'block', untilMs: 999 }),
      held('by hand', { rung: 'block', untilMs: null, by: 'ada' }),
    ],
    1_000,
  );
  expect(rows).toEqual([
    {
      ...{ kind: 'abuse', severity: 'bad', href: '/abuse/a%2Fb' },
      text: 'The end user a/b is blocked: calls look like abuse.',
    },
    {
      ...{ kind: 'abuse', severity: 'warn', href: '/abuse/listed' },
      text: 'The end user listed is at risk: calls look like abuse.',
    },
  ]);
  expect(looked).toBe('2 listed users');
});

it('says many in one row', () => {
  const { rows } = findInAbuse(
    ['a', 'b', 'c', 'd', 'e'].map((user) => held(user)),
    1_000,
  );
  expect(rows.map(({ href }) => href)).toEqual(['/abuse/a', '/abuse/b', '/abuse/c', '/abuse']);
  expect(rows.at(-1)?.text).toBe('2 more end users are at risk.');
});
