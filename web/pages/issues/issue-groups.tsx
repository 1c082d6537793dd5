import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { IssueDetailBody } from '@wheelhouse/sdk';
import { useId, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { issuesQuery } from '../../data/issue-queries.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

/** Puts the issue into another one of its kind. */
function MergeForm({ issue }: { issue: IssueDetailBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const id = useId();
  const [into, setInto] = useState('');
  const { signal } = issue;
  const others = useInfiniteQuery(issuesQuery(client, { state: 'all', signal })).data?.pages.flatMap(
    ({ data }) => data,
  );
  const choices = others?.filter((one) => one.id !== issue.id) ?? [];
  const merge = useMutation({
    mutationFn: () => client.call('mergeIssue', { params: { issueId: issue.id }, body: { into } }),
    onSuccess: async (merged) => {
      await navigate({ to: '/issues/$issueId', params: { issueId: merged.id } });
      await queryClient.invalidateQueries({ queryKey: ['issues'] });
    },
  });
  if (choices.length === 0) return null;
  return (
    <details className="px-4 pb-3">
      <summary className="min-h-6 leading-6 text-text-2">It is the same as another</summary>
      <form
        className="mt-2 flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          merge.mutate();
        }}
      >
        <label htmlFor={id}>Put it into</label>
        <select
          id={id}
          className="field max-w-full min-w-0 md:!w-96"
          value={into}
          onChange={({ target }) => setInto(target.value)}
        >
          <option value="">choose …</option>
          {choices.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
            </option>
          ))}
        </select>
        <button type="submit" className="btn" disabled={into === '' || merge.isPending}>
          Merge
        </button>
        <span className="text-sm text-text-2">What comes later goes there, too; it can be taken out again.</span>
      </form>
      {merge.error && <ErrorText error={merge.error} />}
    </details>
  );
}

/** What was found alike: the cause of each, and how those are told from others. */
export function IssueGroups({ issue }: { issue: IssueDetailBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const split = useMutation({
    mutationFn: (group: string) => client.call('splitIssue', { params: { issueId: issue.id }, body: { group } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['issues'] }),
  });
  return (
    <section aria-labelledby="issue-groups" className="min-w-0 border-b border-line">
      <h2 id="issue-groups" className="px-4 pt-4 pb-2 font-semibold">
        What they have in common
      </h2>
      <ul className="flex flex-col gap-2 px-4 pb-3">
        {issue.groups.map(({ id, what, step, model, text, isFirst }) => (
          <li key={id} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
            <span className="font-medium break-words">{what || 'an error'}</span>
            {step !== '' && (
              <span className="text-text-2">
                in <code className="mono">{step}</code>
              </span>
            )}
            {model !== '' && (
              <span className="text-text-2">
                of <code className="mono">{model}</code>
              </span>
            )}
            {text !== '' && <span className="said min-w-0 basis-full">{text}</span>}
            {!isFirst && (
              <May call="splitIssue">
                <button type="button" className="btn" disabled={split.isPending} onClick={() => split.mutate(id)}>
                  Take out
                </button>
              </May>
            )}
          </li>
        ))}
      </ul>
      {split.error && <ErrorText error={split.error} />}
      <May call="mergeIssue">
        <MergeForm issue={issue} />
      </May>
    </section>
  );
}
