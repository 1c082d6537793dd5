import { Link } from '@tanstack/react-router';
import type { IssueBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, dateTime } from '../../data/format.ts';
import { Pill } from '../../parts/pill.tsx';
import { DayBars } from './day-bars.tsx';

export const stateLooks = {
  new: { tone: 'warn', glyph: '●', text: 'new' },
  known: { tone: 'mute', glyph: '○', text: 'known' },
  regressed: { tone: 'bad', glyph: '↩', text: 'regressed' },
  resolved: { tone: 'good', glyph: '✓', text: 'resolved' },
} as const;

export const signalWords = {
  error: 'ended in an error',
  handled: 'went on after an error',
  refusal: 'was refused',
  score: 'is said to be bad',
} as const;

export function IssueState({ issue: { state, isBlocker } }: { issue: Pick<IssueBody, 'state' | 'isBlocker'> }) {
  const { tone, glyph, text } = stateLooks[state];
  return (
    <span className="flex flex-wrap gap-1">
      <Pill tone={tone}>
        {glyph} {text}
      </Pill>
      {isBlocker && <Pill tone="bad">■ holds releases</Pill>}
    </span>
  );
}

export const issueHeads = ['Issue', 'State', '14 days', 'Traces', 'Users', 'Last seen', 'Whose'];

/** An issue in the list: what it is, how it stands, how often, and whose it is. */
export const issueCells = (issue: IssueBody): ReactNode[] => [
  <span key="issue" className="block min-w-0">
    <Link to="/issues/$issueId" params={{ issueId: issue.id }} className="link break-words">
      {issue.title}
    </Link>
    <span className="block text-sm text-text-2">
      {signalWords[issue.signal]}
      {issue.models.length > 0 && <span className="text-text-3"> · {issue.models.join(', ')}</span>}
    </span>
  </span>,
  <IssueState key="state" issue={issue} />,
  <DayBars key="days" days={issue.days} />,
  <span key="traces" className="mono">
    {count(issue.traces)}
  </span>,
  <span key="users" className="mono">
    {count(issue.users)}
  </span>,
  <span key="seen" className="whitespace-nowrap text-text-2">
    {dateTime(issue.lastSeen)}
  </span>,
  <span key="whose" className="break-words text-text-2">
    {issue.assignee ?? '–'}
  </span>,
];
