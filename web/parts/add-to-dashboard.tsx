import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { dashboardsQuery } from '../data/dashboard-queries.ts';
import { useData } from '../data/data-context.tsx';
import { namePattern } from '../data/monitor-draft.ts';
import { type PanelDraft, panelOfDraft } from '../data/panel-draft.ts';
import { freshPanelId } from '../data/panel-places.ts';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field } from './field.tsx';
import { MeasureChoice, ShapeChoice } from './panel-choices.tsx';
import { ErrorText } from './request-state.tsx';

type AddToDashboardProps = { draft: PanelDraft; onClose: () => void };

/** Puts a filter, or what a monitor watches, on a dashboard. */
export function AddToDashboard({ draft: begun, onClose }: AddToDashboardProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const dashboards = useQuery(dashboardsQuery(client)).data;
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(begun);
  const set = (change: Partial<PanelDraft>) => setDraft((before) => ({ ...before, ...change }));
  /** Empty: a new one. */
  const dashboard = chosen ?? dashboards?.[0]?.name ?? '';
  const shown = panelOfDraft(draft);
  const add = useMutation({
    mutationFn: async (panel: NonNullable<typeof shown>) => {
      const to = dashboard === '' ? name : dashboard;
      const was = dashboard === '' ? null : await client.call('getDashboard', { params: { dashboard } });
      const panels = was?.panels ?? [];
      return client.call('setDashboard', {
        params: { dashboard: to },
        body: {
          ...{ title: was?.title ?? to, ifRevision: was?.revision ?? 0 },
          panels: [...panels, { ...panel, id: freshPanelId(panels), width: 6, height: 2 }],
        },
      });
    },
    onSuccess: async (made) => {
      queryClient.setQueryData(['dashboards', made.name], made);
      onClose();
      await navigate({ to: '/dashboards/$dashboard', params: { dashboard: made.name } });
      await queryClient.invalidateQueries({ queryKey: ['dashboards'], exact: true });
    },
  });
  return (
    <Dialog title="To a dashboard" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (shown) add.mutate(shown);
        }}
      >
        <p className="break-words text-text-2">
          Of <span className="mono">{draft.q === '' ? 'all traces' : draft.q}</span>, at the time that the dashboard
          shows.
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Dashboard">
            {(id) => (
              <select id={id} className="field" value={dashboard} onChange={(event) => setChosen(event.target.value)}>
                {dashboards?.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.title}
                  </option>
                ))}
                <option value="">a new one …</option>
              </select>
            )}
          </Field>
          {dashboard === '' && (
            <Field label="Its name" hint="a-z 0-9 . _ -">
              {(id) => (
                <input
                  {...{ id, className: 'field', required: true, pattern: namePattern, maxLength: 100, value: name }}
                  autoComplete="off"
                  placeholder="support"
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
          )}
          <MeasureChoice draft={draft} set={set} />
          <ShapeChoice draft={draft} set={set} />
          <Field label="Title">
            {(id) => (
              <input
                {...{ id, className: 'field', maxLength: 200, autoComplete: 'off', value: draft.title }}
                placeholder={shown?.title ?? ''}
                onChange={(event) => set({ title: event.target.value })}
              />
            )}
          </Field>
        </div>
        {add.error && <ErrorText error={add.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={shown === null || add.isPending}>
            Add
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
