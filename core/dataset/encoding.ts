export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
/** As the Encoding Standard calls them; `windows-1252` is what is meant by Latin-1. */
export type Encoding = (typeof encodings)[number];

/** Bytes of the UTF-8 sequence that begins here, or 0 when none does; a sequence that the end cuts off counts. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  for (let i = 1; i < length && at + i < bytes.length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** How often even and odd places hold zero: text of UTF-16 has them on one side. */
function zeroBytes(bytes: Uint8Array): { even: number; odd: number } {
  const zeros = { even: 0, odd: 0 };
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) zeros[at % 2 === 0 ? 'even' : 'odd']++;
  return zeros;
}

/**
 * What a text is written in, by its first bytes: a byte order mark, zeros on one side (UTF-16), and whether what is beyond
 * ASCII is mostly UTF-8.
 */
export function detectEncoding(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const { even, odd } = zeroBytes(head);
  const many = head.length / 8;
  if (odd > many && even < odd / 8) return 'utf-16le';
  if (even > many && odd < even / 8) return 'utf-16be';
  let sequences = 0;
  let strays = 0;
  for (let at = 0; at < head.length; ) {
    const length = sequenceLength(head, at);
    if (length === 0) strays++;
    else if (length > 1) sequences++;
    at += Math.max(length, 1);
  }
  return strays > sequences ? 'windows-1252' : 'utf-8';
}
