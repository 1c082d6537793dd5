import { isPicture, langfuseMedia, mediaTypeOf } from '@wheelhouse/core/records';
import type { AttachmentBody } from '@wheelhouse/sdk';
import { readBase64 } from './base64.ts';

/** Bytes that were recorded with a span and that a page shows as a card, never as their characters. */
export type RecordedFile = {
  /** Empty: it has none. */
  name: string;
  type: string;
  /** null: it is not known here. */
  bytes: number | null;
  /** null: its bytes were not kept. */
  url: string | null;
};

export type Piece = { type: 'text'; text: string } | { type: 'file'; file: RecordedFile };

/** What came with the trace, by id; null: nobody asked. */
export type Attached = ReadonlyMap<string, AttachmentBody> | null;

/** What the server puts in the place of base64; only addresses of exactly this form are followed. */
const address =
  /\/api\/v1\/attachments\/[0-9a-f]{32}\/[0-9a-f]{16}\?at=[\w.~%-]+(?:&nth=\d+)?&type=([\w.~%-]+)&bytes=(\d+)/;
const inMarkdown = (pattern: RegExp) => `!?\\[([^\\]\\n]{0,200})\\]\\((${pattern.source})\\)`;
const anywhere = new RegExp(`${inMarkdown(address)}|(${address.source})|${langfuseMedia.source}`, 'g');

function fileAt(url: string, name: string, [type = '', bytes = '']: (string | undefined)[]): RecordedFile {
  return { name, type: mediaTypeOf(decodeURIComponent(type)), bytes: Number(bytes), url };
}

function fileOf(id: string, type: string, attached: Attached): RecordedFile {
  const found = attached?.get(id);
  const url = attached === null || found ? `/api/v1/attachments/${id}` : null;
  return { name: '', type: found?.type ?? mediaTypeOf(type), bytes: found?.bytes ?? null, url };
}

/** A text, cut where something else than text stands in it. */
export function piecesOf(text: string, attached: Attached): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const add = (until: number) => {
    if (until > end) pieces.push({ type: 'text', text: text.slice(end, until) });
  };
  for (const found of text.matchAll(anywhere)) {
    const [whole, name, linked, linkedType, linkedBytes, bare, type, bytes, mediaType = '', id] = found;
    add(found.index);
    end = found.index + whole.length;
    if (id !== undefined) pieces.push({ type: 'file', file: fileOf(id, mediaType, attached) });
    else if (linked !== undefined)
      pieces.push({ type: 'file', file: fileAt(linked, name ?? '', [linkedType, linkedBytes]) });
    else if (bare !== undefined) pieces.push({ type: 'file', file: fileAt(bare, '', [type, bytes]) });
  }
  add(text.length);
  return pieces;
}

/** The one file that a text stands for; null for any other text. */
export function fileOfText(text: string, attached: Attached): RecordedFile | null {
  const [first, ...more] = text.length < 4_000 ? piecesOf(text, attached) : [];
  return first?.type === 'file' && more.length === 0 ? first.file : null;
}

const partTypes = /^(?:image|image_url|input_image|audio|input_audio|video|file|input_file|document|media|blob|uri)$/;
const nameMembers = ['filename', 'file_name', 'name', 'title'];
const deepest = 4;

/** What vendors' parts of messages hold beside text: the files in one, none when it is anything else. */
export function filesOfPart(value: Record<string, unknown>, attached: Attached): RecordedFile[] {
  if (typeof value.type === 'string' && !partTypes.test(value.type)) return [];
  const files: RecordedFile[] = [];
  let name = '';
  const walk = (one: unknown, depth: number): void => {
    if (typeof one === 'string') {
      const inline = one.startsWith('data:') ? readBase64(one) : null;
      const file =
        inline === null
          ? fileOfText(one, attached)
          : { name: '', type: inline.type, bytes: inline.bytes, url: inline.image ?? one };
      if (file) files.push(file);
    } else if (typeof one === 'object' && one !== null && depth < deepest)
      for (const [key, member] of Object.entries(one)) {
        if (typeof member === 'string' && nameMembers.includes(key)) name ||= member;
        walk(member, depth + 1);
      }
  };
  walk(value, 0);
  return files.map((file) => ({ ...file, name: file.name || name }));
}

export const isShownPicture = ({ type, url }: RecordedFile): boolean => url !== null && isPicture(type);
