import type { Check } from '@wheelhouse/sdk/doctor';

const looks = {
  good: { glyph: '✓', color: 'text-good', word: 'good' },
  warn: { glyph: '▲', color: 'text-warn', word: 'worth knowing' },
  bad: { glyph: '✕', color: 'text-bad', word: 'wrong' },
};

/** What the doctor found, in the words of `wheelhouse doctor`. */
export function CheckList({ checks, label }: { checks: Check[]; label: string }) {
  return (
    <ul aria-label={label} className="flex flex-col gap-2">
      {checks.map(({ name, state, text, todo }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: checks come in one order and stay.
        <li key={i} className="grid grid-cols-[16px_72px_minmax(0,1fr)] gap-x-1 max-sm:grid-cols-[16px_minmax(0,1fr)]">
          <span className={looks[state].color}>
            <span aria-hidden="true">{looks[state].glyph}</span>
            <span className="sr-only">{looks[state].word}: </span>
          </span>
          <span className="text-text-3">{name}</span>
          <span className="said max-sm:col-start-2">
            {text}
            {todo !== null && <span className="block whitespace-pre-line text-text-2">→ {todo}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
