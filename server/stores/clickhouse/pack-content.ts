import { hash } from 'node:crypto';
import { type Content, canonicalJson, type Json } from '@wheelhouse/core/records';
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

function takeOut(text: string, pieces: Pieces): string {
  const key = pieceHash(text);
  pieces.set(key, text);
  return mark + key;
}

/** Texts with something taken out of them stay, and short ones. */
const orTakeOut = (text: string, least: number, pieces: Pieces): string =>
  text.length < least || text.includes(mark) || text.includes(open) ? text : takeOut(text, pieces);

/** Where to cut: between the items of a list in JSON, and at ends of lines. */
function nextCut(text: string, from: number, seen: { item: number; line: number }): number {
  if (seen.item !== -1 && seen.item < from) seen.item = text.indexOf('},{', from);
  if (seen.line !== -1 && seen.line < from) seen.line = text.indexOf('\n', from);
  const places = [seen.item, seen.line].filter((place) => place !== -1);
  return places.length === 0 ? -1 : Math.min(...places) + 1;
}

/** Cut from the start at places that depend on the text alone: one that grows at its end keeps all pieces but the last. */
function packText(text: string, pieces: Pieces): string {
  const seen = { item: 0, line: 0 };
  let packed = '';
  for (let at = 0; at < text.length; ) {
    const cut = nextCut(text, at + leastCut, seen);
    const stop = cut === -1 ? text.length : cut;
    packed += takeOut(JSON.stringify(text.slice(at, stop)).slice(1, -1), pieces);
    at = stop;
  }
  return `"${packed}"`;
}

type Packing = { pieces: Pieces; sorted: boolean; depth: number };

/** A long text is looked into when it is JSON: reports of messages are, and hold the same texts as the messages. */
function packString(text: string, packing: Packing): string {
  if (text.length < leastPiece) return JSON.stringify(text);
  const style = packing.sorted ? jsonStyleOf(text) : null;
  if (style === null) return packText(text, packing.pieces);
  const packed = packValue(style.value, { ...packing, sorted: false });
  return packed.includes(mark) ? `${open}${style.style}${packed}${close}` : packText(text, packing.pieces);
}

function packValue(value: Json, packing: Packing): string {
  if (typeof value === 'string') return packString(value, packing);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const { pieces, sorted, depth } = packing;
  if (depth === deepest) return sorted ? canonicalJson(value) : JSON.stringify(value);
  const inside = { pieces, sorted, depth: depth + 1 };
  if (Array.isArray(value))
    return `[${value.map((item) => orTakeOut(packValue(item, inside), leastPiece, pieces)).join(',')}]`;
  const keys = sorted ? Object.keys(value).sort() : Object.keys(value);
  const members = keys.map((key) => packValue(value[key] as Json, inside));
  // What is whole may be taken out whole, further up.
  const least = members.some((member) => member.includes(mark)) ? leastPiece : Number.POSITIVE_INFINITY;
  return `{${keys.map((key, i) => `${JSON.stringify(key)}:${orTakeOut(members[i] ?? '', least, pieces)}`).join(',')}}`;
}

/** Canonical JSON with its large parts taken out into `pieces`. Equal values become equal texts. */
export const packJson = (value: Json, pieces: Pieces): string => packValue(value, { pieces, sorted: true, depth: 0 });

/** As {@link packJson}; messages are taken out whole where they hold no long text. */
export function packContent(content: Content, pieces: Pieces): string {
  if (content.type === 'json') return `{"type":"json","value":${packJson(content.value, pieces)}}`;
  const messages = content.messages.map((message) => orTakeOut(packJson(message, pieces), leastMessage, pieces));
  return `{"messages":[${messages.join(',')}],"type":"messages"}`;
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
