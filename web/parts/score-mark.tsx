type ScoreValue = number | string | boolean;

/**
 * A score as it is. Only a yes or no, and a thumb, says by itself whether it is good; whether a number is depends on what
 * it measures, so numbers stay without colour.
 */
export function ScoreMark({ name, value }: { name: string; value: ScoreValue }) {
  const thumb = name === 'thumbs' && (value === 1 || value === 0);
  if (typeof value === 'boolean' || thumb)
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
  return (
    <span className="mono" title={name}>
      {Number.isInteger(value) ? value : value.toFixed(2)}
    </span>
  );
}
