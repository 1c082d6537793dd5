import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { MonitorBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import {
  draftOf,
  type MeasureKind,
  type MonitorDraft,
  measuresItself,
  monitorBody,
  namePattern,
  newMonitorDraft,
  type RuleKind,
  rulesOf,
  unitOfLimit,
  usualWindow,
  windowsOf,
} from '../../data/monitor-draft.ts';
import { channelsQuery } from '../../data/monitor-queries.ts';
import { windowText } from '../../data/monitor-words.ts';
import { callableQuery } from '../../data/queries.ts';
import { scoreNamesQuery } from '../../data/trace-queries.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { FoundLine } from './found.tsx';

type Part = { draft: MonitorDraft; set: (change: Partial<MonitorDraft>) => void };
type TextKey = 'q' | 'shareQ' | 'againstQ' | 'limit' | 'objective' | 'leastRows';

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
];

const rules: Record<RuleKind, string> = {
  ...{ unusual: 'is not what is usual', above: 'is above a limit', below: 'is below a limit' },
  ...{ burn_rate: 'burns a service level', drift: 'everything has drifted', probe: 'a model answers otherwise' },
};

function FilterField({ draft, set, name, label, hint }: Part & { name: TextKey; label: string; hint?: string }) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          className="field mono"
          spellCheck={false}
          autoComplete="off"
          required={name !== 'q'}
          placeholder={name === 'q' ? 'environment:production model:support-bot' : 'score.grounded<0.5'}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

function NumberField({ draft, set, name, label, hint }: Part & { name: TextKey; label: string; hint?: string }) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type="number"
          step="any"
          required
          className="field mono"
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

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

/** What is measured, of which traces. */
function MeasureFields({ draft, set }: Part) {
  if (draft.rule === 'probe') return null;
  const choose = (measure: MeasureKind) =>
    set({ measure, ...(rulesOf(measure).includes(draft.rule) ? {} : { rule: 'unusual' }) });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <div className="sm:col-span-2">
        <FilterField
          {...{ draft, set, name: 'q' }}
          label="Of which traces"
          hint="As in Traces, without a time; empty takes all."
        />
      </div>
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
        </>
      )}
    </div>
  );
}

/** What of the rule is said. */
function RuleDetail({ draft, set }: Part) {
  switch (draft.rule) {
    case 'above':
    case 'below': {
      const unit = unitOfLimit(draft.measure);
      return <NumberField {...{ draft, set, name: 'limit' }} label={unit === '' ? 'Limit' : `Limit, in ${unit}`} />;
    }
    case 'unusual':
      return (
        <Field label="Which way">
          {(id) => (
            <select
              id={id}
              className="field"
              value={draft.direction}
              onChange={(event) => set({ direction: event.target.value as MonitorDraft['direction'] })}
            >
              <option value="both">up or down</option>
              <option value="up">up</option>
              <option value="down">down</option>
            </select>
          )}
        </Field>
      );
    case 'burn_rate':
      return <NumberField {...{ draft, set, name: 'objective' }} label="Good over 30 days, in per cent" />;
    case 'drift':
      return (
        <Field label="Held against">
          {(id) => (
            <select
              id={id}
              className="field"
              value={draft.against}
              onChange={(event) => set({ against: event.target.value as MonitorDraft['against'] })}
            >
              <option value="week_before">the week before</option>
              <option value="filter">pinned traces</option>
            </select>
          )}
        </Field>
      );
    case 'probe':
      return <ModelField draft={draft} set={set} />;
  }
}

/** Who a probe asks. */
function ModelField({ draft, set }: Part) {
  const callable = useQuery(callableQuery()).data ?? [];
  return (
    <Field label="Model">
      {(id) => (
        <select
          id={id}
          className="field mono"
          required
          value={draft.model}
          onChange={(event) => set({ model: event.target.value })}
        >
          <option value="">choose one</option>
          {draft.model !== '' && !callable.includes(draft.model) && <option>{draft.model}</option>}
          {callable.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What a probe asks. */
function PromptsField({ draft, set }: Part) {
  return (
    <Field
      label="What it is asked"
      hint="One in a line, up to 20; each costs a call each time. \n is a line within one."
    >
      {(id) => (
        <textarea
          id={id}
          className="field"
          rows={4}
          required
          value={draft.prompts}
          onChange={(event) => set({ prompts: event.target.value })}
        />
      )}
    </Field>
  );
}

const explained: Record<RuleKind, string> = {
  unusual: 'Four weeks say what is usual at each hour and weekday; the first two weeks of a filter have no data.',
  above: 'One window opens an alert; two that are below end it.',
  below: 'One window opens an alert; two that are above end it.',
  burn_rate: 'Looked at over an hour, 6 hours and 3 days, so that a fast burn is told at once.',
  drift: 'What is asked and answered, by which models and tools, how long, how dear, how well scored.',
  probe: 'It is asked the same each time, and held against how much its answers differ anyhow.',
};

/** When it is worth a message. */
function RuleFields({ draft, set }: Part) {
  const choose = (rule: RuleKind) =>
    set({
      rule,
      ...(windowsOf(rule).includes(Number(draft.windowMinutes)) && !measuresItself(rule)
        ? {}
        : { windowMinutes: usualWindow(rule) }),
    });
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Alert when it" hint={explained[draft.rule]}>
        {(id) => (
          <select
            id={id}
            className="field"
            value={draft.rule}
            onChange={(event) => choose(event.target.value as RuleKind)}
          >
            {rulesOf(draft.measure).map((kind) => (
              <option key={kind} value={kind}>
                {rules[kind]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <RuleDetail draft={draft} set={set} />
      {draft.rule !== 'burn_rate' && (
        <Field label={draft.rule === 'probe' ? 'Once in' : 'Over'}>
          {(id) => (
            <select
              id={id}
              className="field"
              value={draft.windowMinutes}
              onChange={(event) => set({ windowMinutes: event.target.value })}
            >
              {windowsOf(draft.rule).map((minutes) => (
                <option key={minutes} value={minutes}>
                  {windowText(minutes)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {draft.rule === 'drift' && draft.against === 'filter' && (
        <div className="sm:col-span-3">
          <FilterField {...{ draft, set, name: 'againstQ' }} label="Pinned traces" hint="release:2026.11" />
        </div>
      )}
      {draft.rule === 'probe' && (
        <div className="sm:col-span-3">
          <PromptsField draft={draft} set={set} />
        </div>
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
  onClose: () => void;
};

/** Asks what to watch, tries it if one likes, and sets it. */
export function MonitorForm({ monitor, q, onClose }: MonitorFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(monitor ? draftOf(monitor) : { ...newMonitorDraft, ...(q ? { q } : {}) });
  const set = (change: Partial<MonitorDraft>) => setDraft((before) => ({ ...before, ...change }));
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
