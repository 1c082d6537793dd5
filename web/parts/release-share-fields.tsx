import type { ReleaseDraft, ShareDraft } from '../data/release-draft.ts';
import { sharesOf, stickyChoices } from '../data/release-draft.ts';
import { Field } from './field.tsx';

type PercentFieldProps = { label: string; value: string; onChange: (text: string) => void };

/** A share as a slider and as a number. */
export function PercentField({ label, value, onChange }: PercentFieldProps) {
  return (
    <Field label={label}>
      {(id) => (
        <span className="flex items-center gap-3">
          <input
            id={id}
            type="range"
            min={1}
            max={99}
            className="min-w-0 flex-1 accent-[var(--ink)]"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <input
            type="number"
            aria-label="Per cent"
            min={0.1}
            max={99.9}
            step="any"
            required
            className="field mono !w-20"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        </span>
      )}
    </Field>
  );
}

function End({ label, value, onChange }: PercentFieldProps) {
  return (
    <input
      type="number"
      aria-label={label}
      min={0.1}
      max={99.9}
      step="any"
      required
      className="field mono !w-20"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

const ways = [
  { goes: 'steps', label: 'It stays, or grows by steps' },
  { goes: 'moves', label: 'It moves by how the new version does' },
] as const;

type GoingFieldsProps = {
  draft: ShareDraft & Pick<ReleaseDraft, 'sticky'>;
  set: (change: Partial<ShareDraft>) => void;
};

/** How its share goes on: as it is, by steps, or by how it does. */
export function GoingFields({ draft, set }: GoingFieldsProps) {
  const { goes, share, ramp, floor, ceiling, sticky } = draft;
  const isWrong = share !== '' && floor !== '' && ceiling !== '' && sharesOf(draft) === null;
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">How its share goes on</legend>
      <div className="mb-2 flex flex-wrap gap-x-5">
        {ways.map((way) => (
          <label key={way.goes} className="flex min-h-6 items-center gap-2">
            <input type="radio" name="goes" checked={goes === way.goes} onChange={() => set({ goes: way.goes })} />
            {way.label}
          </label>
        ))}
      </div>
      {goes === 'steps' ? (
        <Field
          label="Then grows to"
          hint={`Per cent @ ${sticky}s of the new version. Empty: it stays as it is.`}
          error={isWrong ? 'Each step is more than the one before, and comes later: 25@200, 50@1000' : undefined}
        >
          {(id) => (
            <input
              id={id}
              className="field mono"
              spellCheck={false}
              autoComplete="off"
              placeholder="25@200, 50@1000"
              value={ramp}
              onChange={(event) => set({ ramp: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <>
          <p className="flex flex-wrap items-center gap-2">
            between <End label="At least, in per cent" value={floor} onChange={(text) => set({ floor: text })} /> and{' '}
            <End label="At most, in per cent" value={ceiling} onChange={(text) => set({ ceiling: text })} /> per cent
          </p>
          {isWrong ? (
            <p role="alert" className="mt-1 text-sm text-bad">
              ✕ It begins at {share} %, which has to lie between its ends.
            </p>
          ) : (
            <p className="mt-1 text-sm text-text-3">
              Up while it is likely that nothing is lost, down when it is not, by the worst of what is watched. Decided
              after 30 {sticky}s of the new version, then whenever there are half as many more.
            </p>
          )}
        </>
      )}
    </fieldset>
  );
}

type ReleaseShareFieldsProps = {
  draft: ReleaseDraft;
  set: (change: Partial<ReleaseDraft>) => void;
  /** The version that answers now. */
  at: number | undefined;
};

/** How much of the traffic it gets, whose, and what becomes of that. */
export function ReleaseShareFields({ draft, set, at }: ReleaseShareFieldsProps) {
  const { listens, sticky } = draft;
  const choice = stickyChoices.find(({ value }) => value === sticky);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <label className="flex min-h-6 items-center gap-2 sm:col-span-2">
        <input type="checkbox" checked={listens} onChange={(event) => set({ listens: event.target.checked })} />
        Only listen: ask it the same beside {at === undefined ? 'what answers now' : `v${at}`}, and show nobody what it
        says
      </label>
      <PercentField
        label={listens ? 'Calls that it is asked as well, in per cent' : 'Traffic to the new version, in per cent'}
        value={draft.share}
        onChange={(share) => set({ share })}
      />
      <Field
        label={listens ? 'Who counts once' : 'Who stays with one version'}
        hint={listens ? 'Of each the first call that was copied counts.' : choice?.text}
      >
        {(id) => (
          <select
            id={id}
            className="field"
            value={sticky}
            onChange={(event) => set({ sticky: event.target.value as ReleaseDraft['sticky'] })}
          >
            {stickyChoices.map(({ value, label }) => (
              <option key={value} value={value}>
                each {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      {!listens && (
        <div className="sm:col-span-2">
          <GoingFields draft={draft} set={set} />
        </div>
      )}
    </div>
  );
}
