/** Letters of other scripts that look like Latin ones. */
const lookAlikes: Record<string, string> = Object.fromEntries(
  [
    ['аеорсухіјѕԁһӏԛԝвкмнтг', 'aeopcyxijsdhlqwbkmhtr'],
    ['αβεικνορτυχωηγ', 'abeiknoptuxwny'],
    ['ɑɡıʟɪɴʀꜱᴏᴇᴀᴛ', 'agilinrsoeat'],
  ].flatMap(([from = '', to = '']) => [...from].map((letter, i) => [letter, to[i] ?? letter] as const)),
);
const digitsForLetters: Record<string, string> = {
  ...{ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i' },
};

const mostCharacters = 8_000;
const latin = /[a-z]/;

/** Small letters without accents, what is not seen taken out, and white space as single spaces. */
export function plainText(text: string): string {
  return text
    .slice(0, mostCharacters)
    .normalize('NFKD')
    .replace(/[\p{Cf}\p{M}]/gu, '')
    .toLowerCase()
    .replace(/[‘’´`]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
}

const withLookAlikes = (plain: string) => plain.replace(/[^\p{ASCII}]/gu, (letter) => lookAlikes[letter] ?? letter);
const withoutDigits = (plain: string) =>
  plain.replace(/\S+/g, (word) =>
    latin.test(word) ? word.replace(/[013457@$!]/g, (letter) => digitsForLetters[letter] ?? letter) : word,
  );
/** `i g n o r e`, `i.g.n.o.r.e`; two spaces or more part words. */
const withoutGaps = (text: string) =>
  plainText(
    text.replace(/(?<![\p{L}\p{N}])\p{L}(?:[ ._*-]\p{L}(?![\p{L}\p{N}])){3,}/gu, (run) => run.replace(/[ ._*-]/g, '')),
  );
const rotated = (plain: string) =>
  plain.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));

const isReadable = (text: string) => {
  const letters = text.match(/[\p{L}\p{N}\p{P} \n]/gu)?.length ?? 0;
  return text.includes(' ') && letters >= 0.95 * [...text].length;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ofBase64 = new Map([...alphabet].map((letter, i) => [letter, i]));

/** UTF-8 in the simplest way: what is none of it becomes a question mark, and is not readable. */
function textOfBytes(bytes: readonly number[]): string {
  const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return '';
  }
}

function fromBase64(run: string): string {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const letter of run.replace(/-/g, '+').replace(/_/g, '/')) {
    bits = (bits << 6) | (ofBase64.get(letter) ?? 0);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push((bits >> held) & 255);
    bits &= (1 << held) - 1;
  }
  return textOfBytes(bytes);
}

const fromHex = (run: string) =>
  textOfBytes((run.match(/[0-9a-fA-F]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16)));

/** A text as it may be read. `how`: null for the text itself. */
export type Reading = {
  how: null | 'look-alikes' | 'digits' | 'gaps' | 'base64' | 'hex' | 'rot13' | 'backwards';
  text: string;
};

/**
 * The ways in which a text can be read, all with small letters and without accents: as it stands, with look-alike letters
 * and digits as the letters that they stand for, without gaps, backwards, turned by thirteen letters, and what is in it as
 * base64 or hexadecimal. Of a text only the first 8,000 characters are read.
 */
export function readingsOf(whole: string): Reading[] {
  const text = whole.slice(0, mostCharacters);
  const plain = plainText(text);
  const seen = new Set<string>();
  const readings: Reading[] = [];
  const add = (how: Reading['how'], read: string) => {
    if (read === '' || seen.has(read)) return;
    seen.add(read);
    readings.push({ how, text: read });
  };
  add(null, plain);
  const alike = withLookAlikes(plain);
  if (latin.test(plain) || alike !== plain) add('look-alikes', alike);
  add('digits', withoutDigits(alike));
  const close = withoutGaps(text);
  if (close !== plain) add('gaps', withLookAlikes(close));
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{24,}/g)) {
    const decoded = fromBase64(run);
    if (isReadable(decoded)) add('base64', plainText(decoded));
  }
  for (const [run] of text.matchAll(/(?:(?:\\x|0x|%)?[0-9a-fA-F]{2}[ ,]?){16,}/g)) {
    const decoded = fromHex(run.replace(/\\x|0x|[%, ]/g, ''));
    if (isReadable(decoded)) add('hex', plainText(decoded));
  }
  if (latin.test(plain)) {
    add('rot13', rotated(plain));
    add('backwards', [...plain].reverse().join(''));
  }
  return readings;
}
