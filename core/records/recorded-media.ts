import { attachmentPath, mediaTypeOf } from './attachment.ts';
import type { SpanId, TraceId } from './ids.ts';

/** Shorter runs may be anything. */
const least = 1_000;
/** Long, without a space, and of mixed case with digits: nobody reads it. */
const whole = /^[A-Za-z0-9+/_-]{1000,}={0,2}$/;
const embedded = /data:([\w/+.-]{1,130})(?:;[\w=.-]{1,130}){0,8};base64,([A-Za-z0-9+/_-]{1000,}={0,2})/g;
const isMixed = (text: string) => /[A-Z]/.test(text) && /[a-z]/.test(text) && /[0-9]/.test(text);

/** Bytes that stand in a text as base64. */
export type RecordedMedia = {
  /** Where it begins and ends in the text. */
  from: number;
  to: number;
  /** null: the text does not say. */
  type: string | null;
  base64: string;
};

export const base64Bytes = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

/** `data:` URLs inside a text, or the text itself when it is nothing but base64; none shorter than a thousand characters. */
export function mediaIn(text: string): RecordedMedia[] {
  if (text.length < least) return [];
  if (text.includes(';base64,'))
    return [...text.matchAll(embedded)].flatMap((found): RecordedMedia[] => {
      const [all, type = '', base64 = ''] = found;
      return [{ from: found.index, to: found.index + all.length, type: mediaTypeOf(type), base64 }];
    });
  if (!whole.test(text) || !isMixed(text.slice(-least))) return [];
  return [{ from: 0, to: text.length, type: null, base64: text }];
}

const typeMembers = ['media_type', 'mime_type', 'mimeType', 'mediaType'];
const sounds = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['flac', 'audio/flac'],
  ['opus', 'audio/ogg'],
  ['aac', 'audio/aac'],
]);

/** The type of bare base64, as what stands beside it says. */
export function typeBeside(siblings: object): string {
  const members = siblings as Record<string, unknown>;
  for (const name of typeMembers) {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (typeof type === 'string') return mediaTypeOf(type);
  }
  const format = Object.hasOwn(members, 'format') ? members.format : undefined;
  return sounds.get(String(format)) ?? 'application/octet-stream';
}

/** What ends an address in Markdown or in a sentence is encoded, too. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const escapeKey = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescapeKey = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~');

/** A JSON pointer (RFC 6901) one step further. */
export const pointerTo = (pointer: string, key: string | number): string => `${pointer}/${escapeKey(String(key))}`;

export type MediaPlace = { traceId: TraceId; spanId: SpanId; pointer: string; nth: number };

/** Where those bytes can be read alone; it says what they are, so that nobody has to ask. */
export function recordedMediaUrl(place: MediaPlace, { type, bytes }: { type: string; bytes: number }): string {
  const { traceId, spanId, pointer, nth } = place;
  const query = new Map([
    ['at', pointer],
    ...(nth === 0 ? [] : ([['nth', String(nth)]] as const)),
    ['type', type],
    ['bytes', String(bytes)],
  ]);
  const text = [...query].map(([name, value]) => `${name}=${encode(value)}`).join('&');
  return `${attachmentPath}${traceId}/${spanId}?${text}`;
}

/** The base64 at a place of a span, as {@link recordedMediaUrl} names it; null when there is none. */
export function recordedMediaAt(span: object, pointer: string, nth: number): { type: string; base64: string } | null {
  if (!pointer.startsWith('/')) return null;
  let siblings: object = {};
  let value: unknown = span;
  for (const key of pointer.slice(1).split('/').map(unescapeKey)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    siblings = value;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value !== 'string') return null;
  const found = mediaIn(value)[nth];
  return found ? { type: found.type ?? typeBeside(siblings), base64: found.base64 } : null;
}
