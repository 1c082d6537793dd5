import type { ReleaseBody, RequestBody } from '@wheelhouse/sdk';
import { newReleaseDraft, type ShareDraft, sharesOf } from '../../data/release-draft.ts';
import { CallersWarning } from '../../parts/callers-warning.tsx';
import { GoingFields, PercentField } from '../../parts/release-share-fields.tsx';

type CanaryDraft = ShareDraft & { isReady: boolean };

const { share, goes, ramp, floor, ceiling } = newReleaseDraft;
export const newCanaryDraft: CanaryDraft = { share, goes, ramp, floor, ceiling, isReady: false };

/** What starts it; null while its share makes no sense, or nobody said that callers are ready who may fail. */
export function canaryBody(
  draft: CanaryDraft,
  breaking: readonly string[],
): Pick<RequestBody<'startCanary'>, 'share' | 'steps' | 'allocation' | 'breaking'> | null {
  const shares = sharesOf(draft);
  if (shares === null || (breaking.length > 0 && !draft.isReady)) return null;
  return { ...shares, breaking: breaking.length > 0 };
}

type CanaryFieldsProps = {
  release: ReleaseBody;
  draft: CanaryDraft;
  set: (change: Partial<CanaryDraft>) => void;
  breaking: readonly string[];
};

/** Which share of the calls it gets, how that goes on, and whether its callers are ready. */
export function CanaryFields({ release, draft, set, breaking }: CanaryFieldsProps) {
  const { incumbent, candidate, sticky } = release;
  return (
    <>
      <PercentField
        label="Its share of the calls, in per cent"
        value={draft.share}
        onChange={(text) => set({ share: text })}
      />
      <GoingFields draft={{ ...draft, sticky }} set={set} />
      <CallersWarning of={`v${incumbent}`} to={`v${candidate}`} breaking={breaking}>
        <label className="mt-2 flex min-h-6 items-center gap-2">
          <input type="checkbox" checked={draft.isReady} onChange={(event) => set({ isReady: event.target.checked })} />
          They are ready: start it all the same
        </label>
      </CallersWarning>
    </>
  );
}
