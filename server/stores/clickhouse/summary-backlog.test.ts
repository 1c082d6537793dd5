import type { ProjectId, TraceId } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { createBacklog } from './summary-backlog.ts';

const busy = 'busy' as ProjectId;
const quiet = 'quiet' as ProjectId;
const trace = (n: number) => n.toString(16).padStart(32, '0') as TraceId;
const one = (project: ProjectId, n: number, sinceMs = 1) => ({ project, trace: trace(n), sinceMs });

it('takes each project in its turn, however much comes of one', () => {
  const backlog = createBacklog();
  for (let n = 0; n < 5_001; n++) backlog.mark(one(busy, n));
  backlog.mark(one(quiet, 1));
  expect(backlog.take().length).toBe(5_000);
  backlog.mark(one(busy, 9_999));
  expect(backlog.take()).toEqual([one(quiet, 1)]);
  expect(backlog.take()).toEqual([one(busy, 5_000), one(busy, 9_999)]);
  expect([backlog.take(), backlog.size()]).toEqual([[], 0]);
});

it('remembers since when a trace waits, also while it is worked on', () => {
  const backlog = createBacklog();
  backlog.mark(one(busy, 1, 5));
  backlog.mark(one(busy, 1, 3));
  backlog.mark(one(busy, 1, 4));
  const taken = backlog.take({ project: busy, traces: [trace(2), trace(1)] });
  expect(taken).toEqual([one(busy, 1, 3)]);
  expect([backlog.size(), backlog.has(busy, trace(1)), backlog.settledUntilMs()]).toEqual([0, true, 3]);
  backlog.done(taken);
  expect(backlog.has(busy, trace(1))).toBe(false);
});
