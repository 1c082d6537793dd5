/**
 * Inverse of a symmetric positive definite matrix, by Gauss and Jordan; null when a pivot vanishes, since then it is not one.
 */
export function invert(matrix: readonly (readonly number[])[]): number[][] | null {
  const n = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  const scale = matrix.reduce((most, row, i) => Math.max(most, Math.abs(row[i] ?? 0)), 0);
  for (let k = 0; k < n; k++) {
    const pivotRow = work[k] ?? [];
    const pivot = pivotRow[k] ?? 0;
    if (!(pivot > 1e-13 * scale)) return null;
    for (let j = 0; j < 2 * n; j++) pivotRow[j] = (pivotRow[j] ?? 0) / pivot;
    for (const [i, row] of work.entries()) {
      const factor = row[k] ?? 0;
      if (i === k || factor === 0) continue;
      for (let j = 0; j < 2 * n; j++) row[j] = (row[j] ?? 0) - factor * (pivotRow[j] ?? 0);
    }
  }
  return work.map((row) => row.slice(n));
}

export const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, j) => sum + value * (vector[j] ?? 0), 0));
