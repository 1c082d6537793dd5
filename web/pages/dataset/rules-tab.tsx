import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DatasetRuleBody } from '@wheelhouse/sdk';
import { Pause, Play, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { datasetRulesQuery } from '../../data/dataset-queries.ts';
import { count, dateTime } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';
import { LatestJob } from './job-line.tsx';

const share = (sample: number) => `${Math.round(sample * 10_000) / 100} %`;

function Added({ name, rule: { added, tags } }: { name: string; rule: DatasetRuleBody }) {
  const [tag] = tags;
  if (tag === undefined || added === 0) return <span className="mono">{count(added)}</span>;
  return (
    <Link to="/datasets/$name" params={{ name }} search={{ tag }} className="link mono" title={`Rows tagged ${tag}`}>
      {count(added)}
    </Link>
  );
}

type ActionsProps = { rule: DatasetRuleBody; onPause: () => void; onRemove: () => void };

function Actions({ rule: { q, paused }, onPause, onRemove }: ActionsProps) {
  const which = `the rule ${q || 'for all traces'}`;
  return (
    <span className="flex gap-1">
      <May call="changeDatasetRule">
        <button
          type="button"
          className="btn btn-quiet btn-icon"
          aria-label={paused ? `Let ${which} go on` : `Pause ${which}`}
          title={paused ? 'Let it go on' : 'Pause it'}
          onClick={onPause}
        >
          {paused ? <Play size={13} strokeWidth={1.75} /> : <Pause size={13} strokeWidth={1.75} />}
        </button>
      </May>
      <May call="removeDatasetRule">
        <button
          type="button"
          className="btn btn-quiet btn-icon"
          aria-label={`Remove ${which}`}
          title="Remove it"
          onClick={onRemove}
        >
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
    </span>
  );
}

type RulesTabProps = { name: string; onNew: () => void };

/** Filters whose traces become rows of the draft as they come, and what they brought in. */
export function RulesTab({ name, onNew }: RulesTabProps) {
  const { client } = useData();
  const query = useQuery(datasetRulesQuery(client, name));
  const queryClient = useQueryClient();
  const pause = useMutation({
    mutationFn: ({ id, paused }: DatasetRuleBody) =>
      client.call('changeDatasetRule', { params: { name, ruleId: id }, body: { paused: !paused } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', name, 'rules'] }),
  });
  const [removed, setRemoved] = useState<DatasetRuleBody | null>(null);
  if (query.isPending) return <Loading what="rules" />;
  if (!query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
        <span className="text-text-2">
          {query.data.length === 0
            ? 'Nothing comes by itself. A rule makes rows of traces that fit a filter.'
            : 'Traces that fit become rows of the draft when they have been quiet for a while; each content once.'}
        </span>
        <May call="createDatasetRule">
          <button
            type="button"
            className={`btn ml-auto ${query.data.length === 0 ? 'btn-primary' : ''}`}
            onClick={onNew}
          >
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Take traces …
          </button>
        </May>
      </div>
      <LatestJob dataset={name} kind="traces" />
      {pause.error && (
        <div className="p-3">
          <ErrorText error={pause.error} />
        </div>
      )}
      {query.data.length > 0 && (
        <DataTable
          label="Rules"
          heads={['Filter', 'Share', 'Expected', 'Tags', 'Brought in', 'By', 'Since', 'Actions']}
          right={[1, 4]}
          rows={query.data.map((rule) => ({
            key: rule.id,
            cells: [
              <span key="q" className="flex flex-wrap items-center gap-x-2">
                <Link to="/traces" search={rule.q === '' ? {} : { q: rule.q }} className="link mono said">
                  {rule.q === '' ? 'all traces' : rule.q}
                </Link>
                {rule.paused && <Pill tone="mute">■ paused</Pill>}
              </span>,
              <span key="share" className="mono">
                {share(rule.sample)}
              </span>,
              <span key="expected" className="text-text-2">
                {rule.expected ? 'the answer' : 'nothing'}
              </span>,
              <span key="tags" className="text-text-2">
                {rule.tags.join(', ') || '–'}
              </span>,
              <Added key="added" name={name} rule={rule} />,
              <span key="by" className="text-text-2">
                {rule.createdBy}
              </span>,
              <span key="since" className="whitespace-nowrap text-text-2">
                {dateTime(rule.createdAt)}
              </span>,
              <Actions
                key="actions"
                rule={rule}
                onPause={() => pause.mutate(rule)}
                onRemove={() => setRemoved(rule)}
              />,
            ],
          }))}
        />
      )}
      {removed && (
        <Confirm
          title="Remove the rule"
          action="Remove"
          done="No more rows come by it."
          changes={['dataset']}
          run={() => client.call('removeDatasetRule', { params: { name, ruleId: removed.id } })}
          onClose={() => setRemoved(null)}
        >
          No more rows come by <span className="mono">{removed.q || 'it'}</span>. The {count(removed.added)} that it
          brought in stay.
        </Confirm>
      )}
    </>
  );
}
