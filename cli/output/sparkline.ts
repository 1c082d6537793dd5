const levels = '▁▂▃▄▅▆▇█';

/**
 * Values over time as one line of text, from 0 to the highest; a space where nothing was measured.
 * @param columns so many at most: neighbours that share one are shown by the higher of them
 */
export function sparkline(values: readonly (number | null)[], columns = 40): string {
  const each = Math.max(1, Math.ceil(values.length / columns));
  const shown = Array.from({ length: Math.ceil(values.length / each) }, (_, i) => {
    const known = values.slice(i * each, (i + 1) * each).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const share = highest === 0 ? 0 : Math.max(0, value) / highest;
      return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))];
    })
    .join('');
}
