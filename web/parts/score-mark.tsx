type ScoreValue = number | string | boolean;

/** Below this a score in [0, 1] is drawn as bad, as everywhere in lists. */
const good = 0.7;

/** A score by glyph and colour: ✓ ✕ for a yes or no, ▲ ▼ for a share, plain for anything else. */
export function ScoreMark({ name, value }: { name: string; value: ScoreValue }) {
  if (typeof value === 'boolean')
    return (
      <span className={`mono ${value ? 'text-good' : 'text-bad'}`} title={name}>
        {value ? '✓' : '✕'}
        <span className="sr-only">{value ? ' yes' : ' no'}</span>
      </span>
    );
  if (typeof value === 'string')
    return (
      <span className="truncate" title={name}>
        {value}
      </span>
    );
  if (value < 0 || value > 1)
    return (
      <span className="mono" title={name}>
        {value}
      </span>
    );
  return (
    <span className={`mono ${value >= good ? 'text-good' : 'text-bad'}`} title={name}>
      {value >= good ? '▲' : '▼'} {value.toFixed(2)}
    </span>
  );
}
