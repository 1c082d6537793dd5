import { useQuery } from '@tanstack/react-query';
import { useData } from '../../data/data-context.tsx';
import {
  asksModels,
  hasOwnTime,
  type MonitorDraft,
  measuresItself,
  monitorBody,
  type RuleKind,
  rulesOf,
  unitOfLimit,
  usualWindow,
  windowsOf,
} from '../../data/monitor-draft.ts';
import { monitorEstimateQuery } from '../../data/monitor-queries.ts';
import { costText, windowText } from '../../data/monitor-words.ts';
import { callableQuery } from '../../data/queries.ts';
import { Field } from '../../parts/field.tsx';
import { useSettled } from '../../parts/use-settled.ts';
import { FilterField, NumberField, type Part } from './draft-fields.tsx';

const rules: Record<RuleKind, string> = {
  ...{ unusual: 'is not what is usual', above: 'is above a limit', below: 'is below a limit' },
  ...{ burn_rate: 'burns a service level', drift: 'everything has drifted', probe: 'a model answers otherwise' },
};

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

/** By which model what is asked is compared by its meaning, if by any. */
function EmbedField({ draft, set }: Part) {
  return (
    <div className="sm:col-span-3">
      <Field
        label="Compare meanings with"
        hint="An embedding model, as callers name it; it gets what up to 200 traces asked, which costs. Empty compares letters."
      >
        {(id) => (
          <input
            id={id}
            className="field mono"
            autoComplete="off"
            spellCheck={false}
            placeholder="openai/text-embedding-3-small"
            value={draft.embed}
            onChange={(event) => set({ embed: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

/** What it would cost, before it is saved. */
function Costs({ draft }: Pick<Part, 'draft'>) {
  const { client } = useData();
  const body = useSettled(monitorBody(draft));
  const { data, error } = useQuery({ ...monitorEstimateQuery(client, body ?? {}), enabled: body !== null });
  if (body === null || (!data && !error)) return null;
  return (
    <p role="status" className="self-center text-sm text-text-2 sm:col-span-2">
      {error ? `What it costs is not known: ${error.message}` : data && costText(data)}
    </p>
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
export function RuleFields({ draft, set }: Part) {
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
      {!hasOwnTime(draft) && (
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
      {draft.rule === 'drift' && <EmbedField draft={draft} set={set} />}
      {draft.rule === 'probe' && (
        <div className="sm:col-span-3">
          <PromptsField draft={draft} set={set} />
        </div>
      )}
      {asksModels(draft) && (
        <>
          <NumberField {...{ draft, set, name: 'budgetUsd' }} label="At most, in dollars a day" />
          <Costs draft={draft} />
        </>
      )}
    </div>
  );
}
