import type { PanelBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { newPanelDraft, type PanelDraft, panelDraftOf, panelOfDraft } from '../../data/panel-draft.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { useSettled } from '../../parts/use-settled.ts';
import { MeasurePanelFields, SqlPanelFields } from './panel-fields.tsx';
import { type Asked, PanelView } from './panel-view.tsx';

type PanelFormProps = {
  /** One that is to be changed. */
  panel?: PanelBody | undefined;
  asked: Asked;
  onSave: (panel: NonNullable<ReturnType<typeof panelOfDraft>>) => void;
  onClose: () => void;
};

const kinds = { measure: 'a measure of traces', text: 'a text', sql: 'SQL' } as const;
const previewHeight = 150;

/** Asks what a panel shows, and shows it while one does. */
export function PanelForm({ panel, asked, onSave, onClose }: PanelFormProps) {
  const [draft, setDraft] = useState<PanelDraft>(panel ? panelDraftOf(panel) : newPanelDraft);
  const [cursor, setCursor] = useState<number | null>(null);
  const set = (change: Partial<PanelDraft>) => setDraft((before) => ({ ...before, ...change }));
  const made = panelOfDraft(draft);
  const shown = useSettled(made);
  const preview = shown && ({ ...shown, id: 'preview', width: 12, height: 2 } as PanelBody);
  return (
    <Dialog title={panel ? `Change ${panel.title}` : 'New panel'} onClose={onClose} width={760}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (made) onSave(made);
        }}
      >
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Shows">
            {(id) => (
              <select
                id={id}
                className="field"
                value={draft.kind}
                onChange={(event) => set({ kind: event.target.value as PanelDraft['kind'] })}
              >
                {Object.entries(kinds).map(([kind, label]) => (
                  <option key={kind} value={kind}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Title">
            {(id) => (
              <input
                {...{ id, className: 'field', maxLength: 200, autoComplete: 'off', value: draft.title }}
                placeholder={made?.title ?? ''}
                onChange={(event) => set({ title: event.target.value })}
              />
            )}
          </Field>
        </div>
        {draft.kind === 'measure' && <MeasurePanelFields draft={draft} set={set} />}
        {draft.kind === 'sql' && <SqlPanelFields draft={draft} set={set} />}
        {draft.kind === 'text' && (
          <Field label="Text" hint="Markdown; it runs nothing and fetches nothing.">
            {(id) => (
              <textarea
                {...{ id, className: 'field', rows: 8, required: true, value: draft.text }}
                onChange={(event) => set({ text: event.target.value })}
              />
            )}
          </Field>
        )}
        <section aria-label="What it shows" className="card flex max-h-72 min-h-24 flex-col overflow-hidden pt-3">
          {preview ? (
            <PanelView
              panel={preview}
              {...{ asked, cursor, onCursor: setCursor, height: previewHeight, asTable: false }}
            />
          ) : (
            <p className="px-3 pb-3 text-text-3">Something is missing still.</p>
          )}
        </section>
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={made === null}>
            {panel ? 'Save' : 'Add'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
