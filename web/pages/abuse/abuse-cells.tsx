import { Link } from '@tanstack/react-router';
import type { AbuseUserBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { type AbuseKind, kindWords, oneInText, rungLooks } from '../../data/abuse-words.ts';
import { dateTime } from '../../data/format.ts';
import { Pill } from '../../parts/pill.tsx';

/** What is in force for a user. */
export function AbuseState({ user: { rung, isAllowed, isCarriedOut } }: { user: AbuseUserBody }) {
  if (isAllowed) return <Pill tone="good">✓ allowed</Pill>;
  if (rung === null) return <span className="text-text-3">nothing</span>;
  const { tone, glyph, text } = rungLooks[rung];
  if (rung !== 'log' && !isCarriedOut) return <Pill tone="mute">{text}, not carried out</Pill>;
  return (
    <Pill tone={tone}>
      {glyph} {text}
    </Pill>
  );
}

export const abuseHeads = ['User', 'State', 'Until', 'Of honest users', 'Last seen'];

/** A user in the list: what is done, how likely an honest user looks so, and why. */
export const abuseCells = (user: AbuseUserBody): ReactNode[] => [
  <span key="user" className="block min-w-0">
    <Link to="/abuse/$user" params={{ user: user.user }} className="link break-words">
      {user.user}
    </Link>
    <span className="block text-sm text-text-2">
      {(Object.keys(user.kinds) as AbuseKind[]).map((kind) => kindWords[kind]).join(', ')}
    </span>
  </span>,
  <AbuseState key="state" user={user} />,
  <span key="until" className="whitespace-nowrap text-text-2">
    {user.until === null ? (user.rung === null ? '–' : 'undone') : dateTime(user.until)}
  </span>,
  <span key="risk" className="mono whitespace-nowrap">
    {oneInText(user.oneIn)}
  </span>,
  <span key="seen" className="whitespace-nowrap text-text-2">
    {dateTime(user.lastSeen)}
  </span>,
];
