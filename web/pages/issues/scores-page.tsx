import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { BadScoreBody } from '@wheelhouse/sdk';
import { type ReactNode, useState } from 'react';
import { type BadDraft, badChoices, badDraftOf, badRule, badText } from '../../data/bad-score-draft.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural } from '../../data/format.ts';
import { badScoresQuery } from '../../data/issue-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, QueryState } from '../../parts/request-state.tsx';

/** Says which values are bad, or that it is as usual. */
function RuleForm({ score, onClose }: { score: BadScoreBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<BadDraft>(() => badDraftOf(score));
  const rule = badRule(draft);
  const set = useMutation({
    mutationFn: () => {
      const params = { score: score.name };
      return draft.bad === 'usual'
        ? client.call('removeBadScore', { params })
        : client.call('setBadScore', { params, body: { rule: rule ?? { bad: 'never' } } });
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['bad-scores'] });
    },
  });
  return (
    <Dialog title={`What is bad of ${score.name}`} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate();
        }}
      >
        <Field label="Bad is" hint="For scores that come from now on.">
          {(id) => (
            <select
              id={id}
              className="field"
              value={draft.bad}
              onChange={(event) => setDraft({ ...draft, bad: event.target.value as BadDraft['bad'] })}
            >
              {badChoices.map(({ value, label }) => (
                <option key={value} value={value}>
                  {value === 'usual' ? `as usual: ${badText(score.usual)}` : label}
                </option>
              ))}
            </select>
          )}
        </Field>
        {(draft.bad === 'below' || draft.bad === 'above') && (
          <Field label="Number">
            {(id) => (
              <input
                id={id}
                type="number"
                step="any"
                required
                className="field mono"
                value={draft.value}
                onChange={(event) => setDraft({ ...draft, value: event.target.value })}
              />
            )}
          </Field>
        )}
        {draft.bad === 'one_of' && (
          <Field label="Texts" hint="One a line.">
            {(id) => (
              <textarea
                id={id}
                required
                rows={3}
                className="field"
                value={draft.values}
                onChange={(event) => setDraft({ ...draft, values: event.target.value })}
              />
            )}
          </Field>
        )}
        {set.error && <ErrorText error={set.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-primary"
            disabled={set.isPending || (draft.bad !== 'usual' && rule === null)}
          >
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function seenText({ count: all, least, most, labels }: BadScoreBody['seen']): string {
  const numbers = least === null || most === null ? [] : [least === most ? String(least) : `${least} to ${most}`];
  return [plural(all, 'score'), ...numbers, ...labels.slice(0, 3)].join(' · ');
}

function cellsOf(score: BadScoreBody, onEdit: () => void): ReactNode[] {
  const { name, rule, usual, suggested, seen, setBy, setAt } = score;
  return [
    <span key="name" className="mono break-all">
      {name}
    </span>,
    badText(rule ?? usual),
    <span key="by" className="text-text-2">
      {rule === null || setAt === null ? 'as usual' : `${setBy}, ${dateTime(setAt)}`}
    </span>,
    <span key="seen" className="text-text-2">
      {seenText(seen)}
    </span>,
    <span key="edit" className="flex flex-wrap items-center gap-2">
      <May call="setBadScore">
        <button type="button" className="btn" aria-label={`Change what is bad of ${name}`} onClick={onEdit}>
          Change …
        </button>
      </May>
      {suggested !== null && <span className="text-sm text-warn">▲ perhaps {badText(suggested)}?</span>}
    </span>,
  ];
}

/** Which values of scores say that something is bad, and so make issues. */
export function IssueScoresPage(): ReactNode {
  const { client } = useData();
  const query = useQuery(badScoresQuery(client));
  const { data } = query;
  const [edited, setEdited] = useState<BadScoreBody | null>(null);
  return (
    <>
      <PageHeader
        title="Bad scores"
        parent={
          <Link to="/issues" className="link">
            Issues
          </Link>
        }
      />
      <p className="border-b border-line px-4 py-3 text-text-2">
        A trace with a bad score is part of an issue. Of names that nobody said anything of, false is bad, and numbers
        below 0.5 that are not a client’s own.
      </p>
      <QueryState query={query} what="the scores" />
      {data?.length === 0 && <p className="p-4 text-text-2">No scores of traces came in the last 30 days.</p>}
      {data && data.length > 0 && (
        <DataTable
          label="Scores"
          heads={['Score', 'Bad is', 'Said by', 'In 30 days', 'Change']}
          rows={data.map((score) => ({ key: score.name, cells: cellsOf(score, () => setEdited(score)) }))}
        />
      )}
      {edited && <RuleForm score={edited} onClose={() => setEdited(null)} />}
    </>
  );
}
