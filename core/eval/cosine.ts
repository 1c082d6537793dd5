/** Cosine of the angle between two vectors of one length; 0 where one of them is all zeros. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  const length = Math.sqrt(aa) * Math.sqrt(bb);
  return length === 0 ? 0 : dot / length;
}
