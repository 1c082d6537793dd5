import { hash } from 'node:crypto';
import { type Content, canonicalJson, type Json, type JsonObject, sortedKeys } from '@wheelhouse/core/records';
import { dumpJson, type JsonStyle, jsonStyleOf } from './json-style.ts';

/** Texts that are stored once, by the first half of the SHA-256 of each in hex. */
export type Pieces = Map<string, string>;

/**
 * What stands in a packed text beside JSON, which holds no control characters: a piece that was taken out, by its hash,
 * and a text that is JSON itself, between brackets with the style that it was written in.
 */
const mark = '\u0001';
const [open, close] = ['\u0002', '\u0003'];
const hole = new RegExp(`${mark}([0-9a-f]{32})`, 'g');
const nested = new RegExp(`${open}(\\d)([^${open}${close}]*)${close}`, 'g');

/** Shorter ones cost more apart than in place. */
const leastMessage = 64;
const leastPiece = 256;
/** Texts are cut into pieces of at least this length, so that one that grows keeps the pieces it had. */
const leastCut = 2_048;
/** What is deeper inside is not looked into. */
const deepest = 16;

export const pieceHash = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** What is being packed; `holes` counts what was taken out, which tells whether anything was, without a look at the text. */
type Packing = { pieces: Pieces; sorted: boolean; holes: number };

function takeOut(text: string, packing: Packing): string {
  const key = pieceHash(text);
  packing.pieces.set(key, text);
  packing.holes++;
  return mark + key;
}

/** Where to cut next, if anywhere: between the items of a list in JSON, and at ends of lines. */
function createCuts(text: string): (from: number) => number {
  let item = 0;
  let line = 0;
  return (from) => {
    if (item !== -1 && item < from) item = text.indexOf('},{', from);
    if (line !== -1 && line < from) line = text.indexOf('\n', from);
    const first = item === -1 ? line : line === -1 ? item : Math.min(item, line);
    return first === -1 ? text.length : first + 1;
  };
}

/** Cut from the start at places that depend on the text alone: one that grows at its end keeps all pieces but the last. */
function packText(text: string, packing: Packing): string {
  if (text.length <= leastCut) return `"${takeOut(JSON.stringify(text).slice(1, -1), packing)}"`;
  const cutFrom = createCuts(text);
  let packed = '';
  for (let at = 0; at < text.length; ) {
    const stop = cutFrom(at + leastCut);
    packed += takeOut(JSON.stringify(text.slice(at, stop)).slice(1, -1), packing);
    at = stop;
  }
  return `"${packed}"`;
}

/** A long text is looked into when it is JSON: reports of messages are, and hold the same texts as the messages. */
function packString(text: string, packing: Packing, depth: number): string {
  if (text.length < leastPiece) return JSON.stringify(text);
  const style = packing.sorted ? jsonStyleOf(text) : null;
  if (style === null) return packText(text, packing);
  const before = packing.holes;
  packing.sorted = false;
  const packed = packValue(style.value, packing, depth);
  packing.sorted = true;
  return packing.holes > before ? `${open}${style.style}${packed}${close}` : packText(text, packing);
}

function packList(value: readonly Json[], packing: Packing, depth: number): string {
  let text = '';
  for (const item of value) {
    const before = packing.holes;
    const packed = packValue(item, packing, depth);
    const isWhole = packing.holes === before && packed.length >= leastPiece;
    text += `${text === '' ? '' : ','}${isWhole ? takeOut(packed, packing) : packed}`;
  }
  return `[${text}]`;
}

const plainKey = /^[\w.-]*$/;
const keyText = (key: string): string => (plainKey.test(key) ? `"${key}":` : `${JSON.stringify(key)}:`);

function packObject(value: JsonObject, packing: Packing, depth: number): string {
  const keys = packing.sorted ? sortedKeys(value) : Object.keys(value);
  const start = packing.holes;
  const members: string[] = [];
  /** Those with nothing taken out of them; they stay if there are no others, and may be taken out whole, further up. */
  const whole: number[] = [];
  for (const key of keys) {
    const before = packing.holes;
    const packed = packValue(value[key] as Json, packing, depth);
    if (packing.holes === before && packed.length >= leastPiece) whole.push(members.length);
    members.push(packed);
  }
  if (packing.holes > start) for (const at of whole) members[at] = takeOut(members[at] as string, packing);
  let text = '';
  for (let at = 0; at < keys.length; at++) text += `${at === 0 ? '' : ','}${keyText(keys[at] as string)}${members[at]}`;
  return `{${text}}`;
}

function packValue(value: Json, packing: Packing, depth: number): string {
  if (typeof value === 'string') return packString(value, packing, depth);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth === deepest) return packing.sorted ? canonicalJson(value) : JSON.stringify(value);
  return Array.isArray(value) ? packList(value, packing, depth + 1) : packObject(value, packing, depth + 1);
}

/** Canonical JSON with its large parts taken out into `pieces`. Equal values become equal texts. */
export const packJson = (value: Json, pieces: Pieces): string =>
  packValue(value, { pieces, sorted: true, holes: 0 }, 0);

/** As {@link packJson}; messages are taken out whole where they hold no long text. */
export function packContent(content: Content, pieces: Pieces): string {
  if (content.type === 'json') return `{"type":"json","value":${packJson(content.value, pieces)}}`;
  const packing = { pieces, sorted: true, holes: 0 };
  let text = '';
  for (const message of content.messages) {
    const before = packing.holes;
    const packed = packValue(message, packing, 0);
    const isWhole = packing.holes === before && packed.length >= leastMessage;
    text += `${text === '' ? '' : ','}${isWhole ? takeOut(packed, packing) : packed}`;
  }
  return `{"messages":[${text}],"type":"messages"}`;
}

/** The hashes of what was taken out. */
export const hashesIn = (packed: string): string[] => Array.from(packed.matchAll(hole), ([, key = '']) => key);

/** @param contents holds every piece that {@link hashesIn} names */
export function unpack(packed: string, contents: ReadonlyMap<string, string>): string {
  if (!packed.includes(mark)) return packed;
  const whole = packed.replace(hole, (_, key: string) => contents.get(key) ?? '');
  return whole.replace(nested, (_, style: string, json: string) =>
    JSON.stringify(dumpJson(json, Number(style) as JsonStyle)),
  );
}
