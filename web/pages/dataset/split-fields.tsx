import { Plus, X } from 'lucide-react';
import type { SplitDraft } from '../../data/split-draft.ts';
import { Field } from '../../parts/field.tsx';
import { PathField } from './path-field.tsx';

type SplitFieldsProps = { dataset: string; draft: SplitDraft; onChange: (draft: SplitDraft) => void };

/** Parts and their shares, and what stays together. */
export function SplitFields({ dataset, draft, onChange }: SplitFieldsProps) {
  const { parts, by, seed } = draft;
  const total = parts.reduce((sum, { share }) => sum + Math.max(0, Number(share) || 0), 0);
  const set = (i: number, change: Partial<SplitDraft['parts'][number]>) =>
    onChange({ ...draft, parts: parts.map((part, at) => (at === i ? { ...part, ...change } : part)) });
  return (
    <div className="flex flex-col gap-3">
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-medium">Parts and their shares</legend>
        {parts.map(({ name, share }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
          <div key={i} className="grid max-w-[420px] grid-cols-[minmax(0,1fr)_88px_56px_28px] items-center gap-2">
            <input
              aria-label={`Name of part ${i + 1}`}
              className="field"
              required
              maxLength={100}
              value={name}
              onChange={(event) => set(i, { name: event.target.value })}
            />
            <input
              aria-label={`Share of part ${i + 1}`}
              type="number"
              min={0}
              step="any"
              required
              className="field"
              value={share}
              onChange={(event) => set(i, { share: event.target.value })}
            />
            <span className="mono text-right text-text-3">
              {total > 0 ? `${Math.round(((Number(share) || 0) / total) * 1000) / 10} %` : '–'}
            </span>
            <button
              type="button"
              className="btn btn-quiet btn-icon"
              aria-label={`Take out part ${i + 1}`}
              disabled={parts.length === 1}
              onClick={() => onChange({ ...draft, parts: parts.toSpliced(i, 1) })}
            >
              <X size={13} strokeWidth={1.75} />
            </button>
          </div>
        ))}
        <div>
          <button
            type="button"
            className="btn"
            onClick={() => onChange({ ...draft, parts: [...parts, { name: '', share: '10' }] })}
          >
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Add a part
          </button>
        </div>
      </fieldset>
      <div className="grid max-w-[560px] gap-3 sm:grid-cols-[2fr_1fr]">
        <PathField
          label="What stays together"
          hint="Rows that are equal there are never in two parts."
          dataset={dataset}
          value={by}
          onChange={(path) => onChange({ ...draft, by: path })}
        />
        <Field label="Seed" hint="Another one, another division.">
          {(id) => (
            <input
              id={id}
              className="field mono"
              maxLength={100}
              value={seed}
              onChange={(event) => onChange({ ...draft, seed: event.target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
