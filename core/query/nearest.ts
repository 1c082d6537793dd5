/** Edits (insert, remove, replace, swap of neighbours) from one text to the other. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The name that was probably meant: one that begins so, or the one with the fewest edits; null when none is near. */
export function nearest(typed: string, names: readonly string[]): string | null {
  const wanted = typed.toLowerCase().slice(0, 40);
  const begins = wanted.length >= 3 ? names.find((name) => name.startsWith(wanted)) : undefined;
  if (begins !== undefined) return begins;
  const most = wanted.length <= 3 ? 1 : wanted.length <= 6 ? 2 : 3;
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const distance = editDistance(wanted, name);
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}
