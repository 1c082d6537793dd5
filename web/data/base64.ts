/** Shorter runs may be anything; longer ones that mix cases and digits without a space are no text. */
const leastRun = 1000;
const run = /(?:data:([\w/+.-]+)(?:;[\w=.-]+)*;base64,)?[A-Za-z0-9+/_-]{1000,}={0,2}/g;
const whole = /^(?:data:([\w/+.-]+)(?:;[\w=.-]+)*;base64,)?([A-Za-z0-9+/_-]+={0,2})$/;
const shown = /^image\/(?:png|jpeg|gif|webp)$/;

export type Base64 = {
  /** As the data says; `base64` when it says nothing. */
  type: string;
  bytes: number;
  /** A picture that the browser can show without running anything in it. */
  image: string | null;
};

/** Whether a run is long and mixed enough that nobody can read it. */
function isCode(text: string): boolean {
  const sample = text.slice(-leastRun);
  return /[A-Z]/.test(sample) && /[a-z]/.test(sample) && /[0-9]/.test(sample);
}

/** What a text of nothing but base64 holds; null for any other text. */
export function readBase64(text: string): Base64 | null {
  const isUrl = text.startsWith('data:');
  if (!isUrl && text.length < leastRun) return null;
  const [, type, code] = whole.exec(text) ?? [];
  if (code === undefined || (!isUrl && !isCode(text))) return null;
  const bytes = Math.floor((code.replace(/=+$/, '').length * 3) / 4);
  return { type: type ?? 'base64', bytes, image: type !== undefined && shown.test(type) ? text : null };
}

/** Puts type and size in the place of each long run of base64 inside a text. */
export function foldBase64(text: string): string {
  if (text.length < leastRun) return text;
  return text.replace(run, (found) => {
    const read = readBase64(found);
    return read === null ? found : `[${read.type}, ${Math.ceil(read.bytes / 1024).toLocaleString('en')} KB]`;
  });
}
