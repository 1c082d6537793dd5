const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = new Map(Array.from(alphabet, (letter, code) => [letter.charCodeAt(0), code]));

/** Base64 with padding (RFC 4648); `btoa` and `Buffer` are not of the language. */
export function bytesToBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4));
    text += i + 1 < bytes.length ? alphabet.charAt(((b & 15) << 2) | (c >> 6)) : '=';
    text += i + 2 < bytes.length ? alphabet.charAt(c & 63) : '=';
    if (text.length > 8192) {
      pieces.push(text);
      text = '';
    }
  }
  return pieces.join('') + text;
}

/** What is not of the alphabet, such as padding and line ends, is passed over. */
export function base64ToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [at, bits, held] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = codes.get(text.charCodeAt(i));
    if (code === undefined) continue;
    held = ((held << 6) | code) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 255;
  }
  return bytes.subarray(0, at);
}
