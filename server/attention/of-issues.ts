import type { Issue } from '@wheelhouse/core/records';
import { count, type Findings, plural, type Row } from './findings.ts';

/** More new ones are said in one sentence. */
const mostNamed = 3;

const rowOf = ({ id, title, state }: Issue): Row => ({
  ...{ kind: 'issue', href: `/issues/${id}`, severity: state === 'regressed' ? 'bad' : 'warn' },
  text: state === 'regressed' ? `It came back after it was resolved: ${title}` : `New: ${title}`,
});

/** Issues that are new or came back. What applications got over by themselves waits in the list. */
export function findInIssues(issues: readonly Issue[]): Findings {
  const back = issues.filter(({ state }) => state === 'regressed');
  const fresh = issues.filter(({ state, signal }) => state === 'new' && signal !== 'handled');
  const many: Row = {
    ...{ kind: 'issue', severity: 'warn', href: '/issues?state=new' },
    text: `${count(fresh.length)} new issues, the last one: ${fresh[0]?.title ?? ''}`,
  };
  const rows = [...back.map(rowOf), ...(fresh.length > mostNamed ? [many] : fresh.map(rowOf))];
  return { rows, looked: plural(issues.length, 'issue') };
}
