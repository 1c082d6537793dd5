import type { Issue } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { findInIssues } from './of-issues.ts';

const at = '2026-11-20T12:00:00.000Z';
const issue = (id: string, more: Partial<Issue> = {}): Issue => ({
  ...{ id, title: `title of ${id}`, signal: 'error', state: 'new', isBlocker: false, assignee: null, models: [] },
  ...{ firstSeen: at, lastSeen: at, resolution: null, regressedAt: null, ...more },
});

it('has issues that came back and new ones, many new ones in one row, and none that applications got over', () => {
  const back = issue('is_1', { state: 'regressed', signal: 'handled' });
  const few = findInIssues([back, issue('is_2'), issue('is_3', { signal: 'handled' })]);
  expect(few.rows).toEqual([
    {
      ...{ kind: 'issue', href: '/issues/is_1', severity: 'bad' },
      text: 'It came back after it was resolved: title of is_1',
    },
    { kind: 'issue', href: '/issues/is_2', severity: 'warn', text: 'New: title of is_2' },
  ]);
  const many = findInIssues(['is_4', 'is_5', 'is_6', 'is_7'].map((id) => issue(id)));
  expect(many.rows).toMatchObject([{ text: '4 new issues, the last one: title of is_4', href: '/issues?state=new' }]);
});
