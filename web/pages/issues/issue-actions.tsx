import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { IssueDetailBody, RequestBody } from '@wheelhouse/sdk';
import { lazy, Suspense, useState } from 'react';
import { useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { issueTracesQuery } from '../../data/issue-queries.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { type Shortcut, useShortcuts } from '../../parts/shortcuts.tsx';
import { useIssueChange } from './use-issue-change.ts';

const AddToDataset = lazy(async () => ({ default: (await import('../../parts/add-to-dataset.tsx')).AddToDataset }));

type Change = { keys: string; label: string; title?: string; body: RequestBody<'changeIssue'> };

/** What can be said of it as it stands. */
function changesOf({ state, models, isBlocker, assignee }: IssueDetailBody, actor: string): Change[] {
  const isResolved = state === 'resolved';
  const later = models.length > 0;
  return [
    ...(state === 'new' || state === 'regressed'
      ? [{ keys: 'x', label: 'Known', title: 'Somebody has seen it', body: { state: 'known' as const } }]
      : []),
    isResolved
      ? { keys: 'e', label: 'Reopen', body: { state: 'known' } }
      : {
          ...{ keys: 'e', label: 'Resolve', body: { state: 'resolved' } },
          title: later ? 'A later version brings it back' : 'A call that begins later brings it back',
        },
    ...(later && !isResolved
      ? [
          {
            ...{ keys: 'Shift+E', label: 'Resolve for all', title: 'Any call that begins later brings it back' },
            body: { state: 'resolved' as const, from: 'now' as const },
          },
        ]
      : []),
    ...(later && !isResolved
      ? [
          {
            ...{ keys: 'b', label: isBlocker ? 'Hold no more' : 'Hold releases', body: { isBlocker: !isBlocker } },
            title: `Aliases of ${models.join(', ')} ${isBlocker ? 'may move' : 'do not move, and no release starts'}`,
          },
        ]
      : []),
    assignee === actor
      ? { keys: 'i', label: 'Not mine', body: { assignee: null } }
      : { keys: 'i', label: 'Mine', body: { assignee: actor } },
  ];
}

/** What can be done about an issue, each by one key. */
export function IssueActions({ issue }: { issue: IssueDetailBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const me = useMe();
  const change = useIssueChange(issue);
  const [adds, setAdds] = useState(false);
  const traces = useInfiniteQuery(issueTracesQuery(client, issue.id)).data?.pages.flatMap(({ data }) => data) ?? [];
  const traceIds = traces.map(({ traceId }) => traceId);
  const changes = changesOf(issue, me?.actor ?? 'local');
  const watch = () =>
    void navigate({ to: '/monitors', search: { open: 'new', ...(issue.q === '' ? {} : { q: issue.q }) } });
  const shortcuts: Shortcut[] = [
    { needs: 'addExamples', keys: 'a', label: 'add its traces to a dataset', hint: true, run: () => setAdds(true) },
    { needs: 'setMonitor', keys: 'm', label: 'watch it by a monitor', hint: true, run: watch },
    ...changes.map(({ keys, label, body }): Shortcut => {
      return { needs: 'changeIssue', keys, label: label.toLowerCase(), hint: true, run: () => change.mutate(body) };
    }),
  ];
  useShortcuts('Issue', shortcuts);
  return (
    <>
      {change.error && <ErrorText error={change.error} />}
      <May call="addExamples">
        <button type="button" className="btn" disabled={traceIds.length === 0} onClick={() => setAdds(true)}>
          Add to dataset <kbd>a</kbd>
        </button>
      </May>
      <May call="setMonitor">
        <button type="button" className="btn" onClick={watch}>
          Watch <kbd>m</kbd>
        </button>
      </May>
      <May call="changeIssue">
        {changes.map(({ keys, label, title, body }) => (
          <button
            key={label}
            type="button"
            className={`btn ${label === 'Resolve' ? 'btn-primary' : ''}`}
            title={title}
            disabled={change.isPending}
            onClick={() => change.mutate(body)}
          >
            {label} {keys.length === 1 && <kbd>{keys}</kbd>}
          </button>
        ))}
      </May>
      <Suspense fallback={null}>
        {adds && traceIds.length > 0 && <AddToDataset traceIds={traceIds} onClose={() => setAdds(false)} />}
      </Suspense>
    </>
  );
}
