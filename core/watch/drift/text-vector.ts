const size = 64;

/** FNV-1a over UTF-16 code units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The letters of a text, three by three, counted in few places by their hash, with length 1: alike texts are near. */
export function textVector(text: string): number[] {
  const counts = new Array<number>(size).fill(0);
  const plain = ` ${text.toLowerCase().replace(/\s+/g, ' ').trim()} `;
  for (let i = 0; i + 3 <= plain.length; i++) {
    const hash = hashOf(plain.slice(i, i + 3));
    // The sign keeps what meets by chance from adding up (K. Weinberger et al., ICML 2009).
    const place = (hash >>> 1) % size;
    counts[place] = (counts[place] ?? 0) + (hash % 2 === 0 ? 1 : -1);
  }
  const length = Math.hypot(...counts) || 1;
  return counts.map((count) => count / length);
}
