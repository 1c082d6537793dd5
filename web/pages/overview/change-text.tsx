import type { Change } from './changes.ts';

const tones = { better: 'text-good', worse: 'text-bad', none: 'text-text-2' };

/** How a figure is beside the same one of the period before. */
export function ChangeText({ change, was }: { change: Change; was?: string | undefined }) {
  const { arrow, text, words, tone, note, silent } = change;
  return (
    <span className={`text-xs whitespace-normal ${tones[tone]}`} title={note}>
      <span aria-hidden="true">
        <span className="whitespace-nowrap">
          {arrow} {text}
        </span>{' '}
        {was !== undefined && !silent && <span className="inline-block whitespace-nowrap text-text-3">was {was}</span>}
      </span>
      <span className="sr-only">
        {words}
        {note && `; ${note}`}
      </span>
    </span>
  );
}
