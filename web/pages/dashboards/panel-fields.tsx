import { useQuery } from '@tanstack/react-query';
import { panelFields } from '@wheelhouse/core/records';
import { useData } from '../../data/data-context.tsx';
import { viewsQuery } from '../../data/trace-queries.ts';
import { Field } from '../../parts/field.tsx';
import { Choice, MeasureChoice, type PanelPart, ScoreName, ShapeChoice } from '../../parts/panel-choices.tsx';

function ViewChoice({ draft, set }: PanelPart) {
  const { client } = useData();
  const views = (useQuery(viewsQuery(client)).data ?? []).filter(({ url }) => url.startsWith('/traces'));
  if (views.length === 0 && draft.view === '') return null;
  const names = [...new Set([...views.map(({ name }) => name), ...(draft.view === '' ? [] : [draft.view])])];
  return (
    <Choice
      label="And of a saved view"
      hint="As it is when it is read; its time gives way."
      value={draft.view}
      options={[['', 'none'], ...names.map((name) => [name, name] as const)]}
      onChange={(view) => set({ view })}
    />
  );
}

/** Which traces, what of them, by what, and how it is shown. */
export function MeasurePanelFields({ draft, set }: PanelPart) {
  return (
    <>
      <Field label="Of which traces" hint="As in Traces, without a time; empty takes all.">
        {(id) => (
          <input
            {...{ id, className: 'field mono', spellCheck: false, autoComplete: 'off', value: draft.q }}
            placeholder="environment:production model:support-bot"
            onChange={(event) => set({ q: event.target.value })}
          />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <ViewChoice draft={draft} set={set} />
        <MeasureChoice draft={draft} set={set} />
        <Choice
          label="By"
          value={draft.by}
          options={[
            ['', 'all in one'],
            ...panelFields.map((field) => [field, field] as const),
            ['score', 'value of a score …'],
          ]}
          onChange={(by) => set({ by })}
        />
        {draft.by === 'score' && (
          <ScoreName label="By which score" value={draft.byScore} onChange={(byScore) => set({ byScore })} />
        )}
        {draft.by !== '' && (
          <Field label="Groups at most" hint="The largest; all others are one more.">
            {(id) => (
              <input
                {...{ id, type: 'number', min: 1, max: 20, required: true, className: 'field mono', value: draft.top }}
                onChange={(event) => set({ top: event.target.value })}
              />
            )}
          </Field>
        )}
        <ShapeChoice draft={draft} set={set} />
      </div>
    </>
  );
}

export function SqlPanelFields({ draft, set }: PanelPart) {
  return (
    <>
      <Field
        label="SELECT"
        hint="One, over traces, spans, calls and scores of this project. {{from}} and {{until}} are the time that is shown."
      >
        {(id) => (
          <textarea
            {...{ id, className: 'field mono', rows: 8, required: true, spellCheck: false, value: draft.sql }}
            onChange={(event) => set({ sql: event.target.value })}
          />
        )}
      </Field>
      <Choice
        label="Shown as"
        hint="Lines take times in the first column."
        value={draft.sqlShape}
        options={[
          ['table', 'a table'],
          ['line', 'lines over time'],
        ]}
        onChange={(sqlShape) => set({ sqlShape })}
      />
    </>
  );
}
