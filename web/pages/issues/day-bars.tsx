import { plural } from '../../data/format.ts';

const [width, height, gap] = [6, 20, 1];

/** A bar for each day, the last is today. */
export function DayBars({ days }: { days: readonly number[] }) {
  const most = Math.max(1, ...days);
  const total = days.reduce((sum, value) => sum + value, 0);
  const said = `${plural(total, 'trace')} in ${days.length} days, at most ${Math.max(0, ...days)} a day, ${days.at(-1) ?? 0} today`;
  return (
    <svg role="img" aria-label={said} width={days.length * (width + gap)} height={height} className="block">
      <title>{said}</title>
      {days.map((value, day) => {
        const tall = value === 0 ? 1 : Math.max(2, Math.round((value / most) * height));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place.
            key={day}
            x={day * (width + gap)}
            y={height - tall}
            width={width}
            height={tall}
            className={value === 0 ? 'fill-line' : 'fill-bad'}
          />
        );
      })}
    </svg>
  );
}
