import { expect, it } from 'vitest';
import { silentMs } from './optimization.ts';

const heardAt = '2026-11-20T10:00:00.000Z';
const heardMs = Date.parse(heardAt);

it('hears nothing of what a client runs once its reports stay away for a minute', () => {
  const running = { state: 'running' as const, heardAt };
  expect(silentMs(running, heardMs + 60_000)).toBeNull();
  expect(silentMs(running, heardMs + 61_000)).toBe(61_000);
  // A clock behind that of the server.
  expect(silentMs(running, heardMs - 90_000)).toBeNull();
});

it('expects no report of what has ended, or of what a server runs', () => {
  expect(silentMs({ state: 'stopped', heardAt }, heardMs + 3_600_000)).toBeNull();
  expect(silentMs({ state: 'running', heardAt: null }, heardMs)).toBeNull();
});
