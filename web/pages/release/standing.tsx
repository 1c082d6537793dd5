import { Link } from '@tanstack/react-router';
import type { ReleaseBody, ReleaseDetailBody } from '@wheelhouse/sdk';
import { dateTime, plural } from '../../data/format.ts';
import { copiesText, unitWord } from '../../data/release-words.ts';
import { SplitBar } from '../../parts/split-bar.tsx';
import { VerdictMark } from '../releases/release-cells.tsx';

type StandingProps = { release: ReleaseBody; track: ReleaseDetailBody['track'] };

const seenText = (release: ReleaseBody, track: ReleaseDetailBody['track']): string => {
  const { sticky, incumbent, candidate, shadow } = release;
  const calls = track.at(-1)?.calls;
  if (shadow !== null)
    return `${unitWord(sticky, calls?.candidate ?? 0)} compared, answer by answer. ${copiesText(release)}`.trim();
  if (calls === undefined) return `No ${sticky} has called yet.`;
  return `Counted so far: ${unitWord(sticky, calls.incumbent)} with v${incumbent}, ${calls.candidate.toLocaleString('en')} with v${candidate}.`;
};

const endings = {
  promoted: { look: 'bg-good-bg text-good', glyph: '▲' },
  rolled_back: { look: 'bg-bad-bg text-bad', glyph: '▼' },
  stopped: { look: 'bg-sunken text-text-2', glyph: '■' },
} as const;

const endWords = ({ state, incumbent, candidate, alias, shadow, reason }: ReleaseBody): string => {
  if (shadow !== null && state === 'rolled_back') return `Ended: v${candidate} is asked no more, and answered nobody.`;
  if (shadow !== null && reason?.startsWith('It goes on'))
    return `It looked well enough: v${candidate} went on to callers.`;
  if (state === 'promoted') return `Promoted: @${alias} is at v${candidate}.`;
  if (state === 'rolled_back') return `Rolled back: @${alias} is at v${incumbent}, as before.`;
  return 'Stopped: somebody moved the alias while it ran.';
};

/** Who ended it, in words: a release ends itself when its verdict says so. */
const endedBy = ({ id, endedBy: by }: ReleaseBody): string => (by === `release ${id}` ? 'by itself' : `by ${by}`);

function Ended({ release }: { release: ReleaseBody & { state: keyof typeof endings } }) {
  const { state, reason, endedAt, drafts, examples } = release;
  const { look, glyph } = endings[state];
  return (
    <div role="status" className={`px-4 py-3 ${look}`}>
      <p className="text-lg font-semibold">
        <span aria-hidden="true">{glyph}</span> {endWords(release)}
      </p>
      {reason !== null && <p className="break-words">{reason}</p>}
      <p className="text-sm">
        {endedAt !== null && dateTime(endedAt)}, {endedBy(release)}
      </p>
      {state === 'rolled_back' && examples !== null && (
        <p className="mt-1">
          {drafts === null ? (
            <>Calls that failed are on their way to the draft of {examples.dataset}.</>
          ) : (
            <>
              {plural(drafts.rows, 'call')} that failed {drafts.rows === 1 ? 'is' : 'are'} in the draft of{' '}
              <Link
                to="/datasets/$name"
                params={{ name: drafts.dataset }}
                search={{ tag: release.id }}
                className="link underline"
              >
                {drafts.dataset}
              </Link>
              {drafts.refused.length > 0 && `; not in it: ${drafts.refused.join('; ')}`}
            </>
          )}
        </p>
      )}
    </div>
  );
}

const hasEnded = (release: ReleaseBody): release is ReleaseBody & { state: keyof typeof endings } =>
  release.state !== 'running';

/** How it stands now: the split and the verdict in words, or how it ended and why. */
export function Standing({ release, track }: StandingProps) {
  if (hasEnded(release)) return <Ended release={release} />;
  const { verdict } = release;
  return (
    <section aria-label="How it stands" className="border-b border-line bg-surface px-4 py-3">
      <div className="max-w-[640px]">
        <SplitBar release={release} />
      </div>
      <p className="mt-3 flex flex-wrap items-center gap-2" aria-live="polite">
        <VerdictMark release={release} />
        <span className="min-w-0 break-words">{verdict?.sentence ?? 'Nothing was looked at yet.'}</span>
      </p>
      <p className="mt-1 text-sm text-text-3">{seenText(release, track)}</p>
    </section>
  );
}
