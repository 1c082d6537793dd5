import type { MonitorDraft } from '../../data/monitor-draft.ts';
import { Field } from '../../parts/field.tsx';

export type Part = { draft: MonitorDraft; set: (change: Partial<MonitorDraft>) => void };
type TextKey = 'q' | 'shareQ' | 'againstQ' | 'limit' | 'objective' | 'leastRows' | 'budgetUsd';

/** A filter, as people write it. */
export function FilterField({ draft, set, name, label, hint }: Part & { name: TextKey; label: string; hint?: string }) {
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

/** A number of a draft, which keeps what was typed. */
export function NumberField({ draft, set, name, label, hint }: Part & { name: TextKey; label: string; hint?: string }) {
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
