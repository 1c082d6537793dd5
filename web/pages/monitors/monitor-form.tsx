import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { MonitorBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { usageQuery } from '../../data/gateway-queries.ts';
import {
  draftOf,
  groupings,
  hasGroups,
  type MeasureKind,
  type MonitorDraft,
  measuresItself,
  monitorBody,
  namePattern,
  newMonitorDraft,
  rulesOf,
} from '../../data/monitor-draft.ts';
import { channelsQuery } from '../../data/monitor-queries.ts';
import { budgetName } from '../../data/monitor-words.ts';
import { scoreNamesQuery } from '../../data/trace-queries.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { FilterField, NumberField, type Part } from './draft-fields.tsx';
import { FoundLine } from './found.tsx';
import { RuleFields } from './rule-fields.tsx';

const measures: { kind: MeasureKind; label: string }[] = [
  { kind: 'error_rate', label: 'share that failed' },
  { kind: 'share', label: 'share that also fits …' },
  { kind: 'traces', label: 'number of traces' },
  { kind: 'latency', label: 'latency' },
  { kind: 'first_token', label: 'time to the first token' },
  { kind: 'cost', label: 'cost of all of them' },
  { kind: 'score', label: 'mean of a score' },
  { kind: 'input_tokens', label: 'input tokens of a trace' },
  { kind: 'output_tokens', label: 'output tokens of a trace' },
  { kind: 'month_spend', label: 'cost of this month at its end' },
  { kind: 'budget', label: 'share of a budget' },
];

function ScoreField({ draft, set }: Part) {
  const { client } = useData();
  const scores = useQuery(scoreNamesQuery(client)).data ?? [];
  return (
    <Field label="Score">
      {(id) => (
        <>
          <input
            id={id}
            className="field mono"
            list={`${id}-known`}
            required
            autoComplete="off"
            value={draft.score}
            onChange={(event) => set({ score: event.target.value })}
          />
          <datalist id={`${id}-known`}>
            {scores.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** Whether it looks at all as one, or at each of something. */
function GroupField({ draft, set }: Part) {
  return (
    <Field label="Each by itself" hint={draft.by === '' ? undefined : 'The 50 with the most traces.'}>
      {(id) => (
        <select
          id={id}
          className="field"
          value={draft.by}
          onChange={(event) => set({ by: event.target.value as MonitorDraft['by'] })}
        >
          <option value="">no: all as one</option>
          {groupings.map((field) => (
            <option key={field} value={field}>
              each {field}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Which budget, by whose it is. */
function BudgetField({ draft, set }: Part) {
  const { client } = useData();
  const budgets = useQuery(usageQuery(client)).data?.budgets ?? [];
  return (
    <Field label="Budget" hint={budgets.length === 0 ? 'There is none yet; Settings sets them.' : undefined}>
      {(id) => (
        <select
          id={id}
          className="field"
          required
          value={draft.budget}
          onChange={(event) => set({ budget: event.target.value })}
        >
          <option value="">choose one</option>
          {budgets.map((one) => (
            <option key={one.id} value={one.id}>
              {budgetName(one)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What is measured, of which traces. */
function MeasureFields({ draft, set }: Part) {
  if (draft.rule === 'probe') return null;
  const choose = (measure: MeasureKind) =>
    set({ measure, ...(rulesOf(measure).includes(draft.rule) ? {} : { rule: rulesOf(measure)[0] ?? 'above' }) });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {(draft.measure !== 'budget' || measuresItself(draft.rule)) && (
        <div className="sm:col-span-2">
          <FilterField
            {...{ draft, set, name: 'q' }}
            label="Of which traces"
            hint="As in Traces, without a time; empty takes all."
          />
        </div>
      )}
      {!measuresItself(draft.rule) && (
        <>
          <Field label="What is measured">
            {(id) => (
              <select
                id={id}
                className="field"
                value={draft.measure}
                onChange={(event) => choose(event.target.value as MeasureKind)}
              >
                {measures.map(({ kind, label }) => (
                  <option key={kind} value={kind}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {draft.measure === 'share' && <FilterField {...{ draft, set, name: 'shareQ' }} label="That also fit" />}
          {draft.measure === 'score' && <ScoreField draft={draft} set={set} />}
          {draft.measure === 'budget' && <BudgetField draft={draft} set={set} />}
          {(draft.measure === 'latency' || draft.measure === 'first_token') && (
            <Field label="Of the slowest">
              {(id) => (
                <select
                  id={id}
                  className="field"
                  value={draft.quantile}
                  onChange={(event) => set({ quantile: event.target.value as MonitorDraft['quantile'] })}
                >
                  <option value="p50">half (p50)</option>
                  <option value="p90">tenth (p90)</option>
                  <option value="p99">hundredth (p99)</option>
                </select>
              )}
            </Field>
          )}
          {hasGroups(draft) && <GroupField draft={draft} set={set} />}
        </>
      )}
    </div>
  );
}

/** Who is told, and of what. */
function TellFields({ draft, set }: Part) {
  const { client } = useData();
  const channels = useQuery(channelsQuery(client)).data ?? [];
  const toggle = (name: string) =>
    set({
      channels: draft.channels.includes(name)
        ? draft.channels.filter((one) => one !== name)
        : [...draft.channels, name],
    });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Tells</legend>
        {channels.length === 0 && (
          <p className="text-sm text-text-3">
            Nobody: there is no{' '}
            <Link to="/channels" className="link underline">
              channel
            </Link>{' '}
            yet. Alerts are kept, and shown on the Overview.
          </p>
        )}
        {channels.map(({ name, kind }) => (
          <label key={name} className="flex min-h-6 items-baseline gap-2">
            <input
              type="checkbox"
              className="translate-y-0.5"
              checked={draft.channels.includes(name)}
              onChange={() => toggle(name)}
            />
            {name} <span className="text-sm text-text-3">{kind}</span>
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-2">
        {draft.rule !== 'probe' && (
          <NumberField
            {...{ draft, set, name: 'leastRows' }}
            label="Least traces"
            hint="With fewer a window tells nothing."
          />
        )}
        <label className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            checked={draft.alertOnNoData}
            onChange={(event) => set({ alertOnNoData: event.target.checked })}
          />
          Tell of windows that tell nothing
        </label>
      </div>
    </div>
  );
}

type MonitorFormProps = {
  /** One that is to be changed. */
  monitor?: MonitorBody;
  /** A filter to begin with. */
  q?: string | undefined;
  /** What else is known of it. */
  begin?: Partial<MonitorDraft>;
  onClose: () => void;
};

/** Asks what to watch, tries it if one likes, and sets it. */
export function MonitorForm({ monitor, q, begin, onClose }: MonitorFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(
    monitor ? draftOf(monitor) : { ...newMonitorDraft, ...begin, ...(q ? { q } : {}) },
  );
  const set = (change: Partial<MonitorDraft>) => {
    // What was found is of what was asked.
    tried.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const body = monitorBody(draft);
  type Body = NonNullable<typeof body>;
  const tried = useMutation({ mutationFn: (what: Body) => client.call('testMonitor', { body: what }) });
  const save = useMutation({
    mutationFn: (what: Body) => client.call('setMonitor', { params: { monitor: draft.name }, body: what }),
    onSuccess: async (made) => {
      queryClient.setQueryData(['monitors', made.name], made);
      onClose();
      await navigate({ to: '/monitors/$monitor', params: { monitor: made.name } });
      await queryClient.invalidateQueries({ queryKey: ['monitors'] });
    },
  });
  const error = save.error ?? tried.error;
  return (
    <Dialog title={monitor ? `Change ${monitor.name}` : 'New monitor'} onClose={onClose} width={720}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) save.mutate(body);
        }}
      >
        {!monitor && (
          <Field label="Name">
            {(id) => (
              <input
                id={id}
                className="field"
                required
                pattern={namePattern}
                title="a-z 0-9 . _ -, beginning and ending with a letter or digit"
                maxLength={100}
                autoComplete="off"
                placeholder="errors"
                value={draft.name}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
        )}
        <MeasureFields draft={draft} set={set} />
        <RuleFields draft={draft} set={set} />
        <TellFields draft={draft} set={set} />
        {monitor && <p className="text-sm text-text-3">It begins anew, and an alert of it that is open ends.</p>}
        <div className="sticky -bottom-4 z-10 -mx-4 -mb-4 border-t border-line bg-raised p-4">
          {tried.data && !error && <FoundLine found={tried.data} />}
          {error && <ErrorText error={error} />}
          <DialogActions>
            <button
              type="button"
              className="btn mr-auto"
              disabled={body === null || tried.isPending}
              onClick={() => body && tried.mutate(body)}
            >
              {tried.isPending ? 'Looking …' : 'Try it'}
            </button>
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="btn btn-primary" disabled={body === null || save.isPending}>
              Save
            </button>
          </DialogActions>
        </div>
      </form>
    </Dialog>
  );
}
