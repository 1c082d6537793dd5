import type { IssueDetailBody } from '@wheelhouse/sdk';
import { type FormEvent, useId, useState } from 'react';
import { dateTime } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useIssueChange } from './use-issue-change.ts';

const words: Record<IssueDetailBody['events'][number]['kind'], string> = {
  opened: 'It was first seen.',
  regressed: '',
  state: 'said that it is',
  assigned: 'gave it to',
  blocker: 'said that it',
  note: '',
  merged: 'put into it:',
  split: 'took out:',
};

/** Notes of people, and what became of it. */
export function IssueHistory({ issue }: { issue: IssueDetailBody }) {
  const id = useId();
  const [text, setText] = useState('');
  const change = useIssueChange(issue);
  const add = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ note: text.trim() }, { onSuccess: () => setText('') });
  };
  return (
    <section aria-labelledby="issue-history" className="min-w-0 px-4 pb-6">
      <h2 id="issue-history" className="pt-4 pb-2 font-semibold">
        What became of it
      </h2>
      <May call="changeIssue">
        <form className="mb-3 flex flex-wrap gap-2" onSubmit={add}>
          <label htmlFor={id} className="sr-only">
            Note
          </label>
          <input
            id={id}
            className="field min-w-0 flex-1"
            placeholder="What is known of it, or was done"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <button type="submit" className="btn" disabled={text.trim() === '' || change.isPending}>
            Add note
          </button>
        </form>
        {change.error && <ErrorText error={change.error} />}
      </May>
      <ol className="flex flex-col gap-2">
        {issue.events.map(({ id: event, at, by, kind, text: said }) => (
          <li key={event} className="flex flex-wrap gap-x-2">
            <span className="whitespace-nowrap text-text-3">{dateTime(at)}</span>
            {by !== 'wheelhouse' && <span className="font-medium">{by}</span>}
            {words[kind] !== '' && <span className="text-text-2">{words[kind]}</span>}
            <span className="min-w-0 break-words">{said}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
