import type { Release } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { findInReleases } from './of-releases.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();
const rail = { name: 'errors', kind: 'errors', effect: 0.03 } as const;
const release = (more: Partial<Release>): Release => ({
  ...{ id: 'rel_1', model: 'bot', alias: 'production', incumbent: 3, candidate: 4, state: 'running', share: 0.1 },
  ...{ sticky: 'user', steps: [{ share: 0.1, after: 0 }], rails: [rail], minimum: 50, promotesItself: false },
  ...{ risks: { falseRollback: 0.05, missedRegression: 0.05 }, evidence: {}, verdict: null, seenUntil: at(9) },
  ...{ revision: 1, message: '', startedBy: 'ada', startedAt: at(8), endedBy: null, endedAt: null, reason: null },
  ...{ examples: null, drafts: null, shadow: null, allocation: null },
  ...more,
});
const ended = { state: 'rolled_back', endedBy: 'release rel_1', endedAt: at(10), reason: 'errors is worse.' } as const;
const promote = { verdict: 'promote', sentence: 'Nothing is worse.', rails: [] } as const;
const found = (...all: Release[]) => findInReleases(all, Date.parse(at(9)));
const said = (...all: Release[]) => found(...all).rows.map(({ severity, text }) => `${severity} ${text}`);

it('has releases that run, those first that somebody may promote', () => {
  expect(found(release({}))).toEqual({
    rows: [
      {
        ...{ kind: 'release', severity: 'note', href: '/releases/rel_1' },
        text: 'bot@production: version 4 has 10 % of the calls; nothing was looked at yet.',
      },
    ],
    looked: '1 release',
  });
  const ready = release({ verdict: { ...promote, rails: [] } });
  expect(said(ready)).toEqual(['warn bot@production: version 4 has 10 % of the calls; it may be promoted.']);
  expect(said({ ...ready, promotesItself: true })[0]).toMatch(/^note .*Nothing is worse\.$/);
});

it('has those that rolled themselves back lately, and not what people did', () => {
  expect(said(release(ended))).toEqual(['bad bot@production: version 4 was rolled back. errors is worse.']);
  expect(said(release({ ...ended, endedBy: 'ada' }), release({ ...ended, endedAt: at(8) }))).toEqual([]);
});
