import type { ReleaseBody } from '@wheelhouse/sdk';
import { percent } from '../data/release-words.ts';

type SplitBarProps = { release: Pick<ReleaseBody, 'incumbent' | 'candidate' | 'share' | 'shadow'>; isSmall?: boolean };

/** Which part of the calls each of two versions answers; text and glyphs say the same as the colours. */
export function SplitBar({ release: { incumbent, candidate, share, shadow }, isSmall = false }: SplitBarProps) {
  if (shadow !== null)
    return (
      <span className={`block ${isSmall ? 'w-44 text-xs' : ''}`}>
        <span className="text-va">● v{incumbent} answers</span>
        <span className="block text-vb">
          ■ v{candidate} {share === 0 ? 'is asked no more' : `listens to ${percent(share)}`}
        </span>
      </span>
    );
  const names = (
    <span className={`flex justify-between gap-3 whitespace-nowrap ${isSmall ? 'text-xs' : ''}`}>
      <span className="text-va">
        ● v{incumbent} <b className="mono font-semibold">{percent(1 - share)}</b>
      </span>
      <span className="text-vb">
        ■ v{candidate} <b className="mono font-semibold">{percent(share)}</b>
      </span>
    </span>
  );
  return (
    <span className={`block ${isSmall ? 'w-44' : ''}`}>
      {names}
      <span aria-hidden="true" className={`mt-0.5 flex overflow-hidden rounded-1 ${isSmall ? 'h-1.5' : 'h-4'}`}>
        <span className="bg-va" style={{ width: `${(1 - share) * 100}%` }} />
        <span className="bg-vb" style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}
