import type { ModelPart } from '../../ports/index.ts';
import type { JsonObject } from '../../records/index.ts';
import { type MediaPart, mediaTypeOf } from '../media-type.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';

/** Bedrock names formats of its own; each is a media type everywhere else. */
const formats: Record<MediaPart['type'], [format: string, mediaType: string][]> = {
  image: [
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['gif', 'image/gif'],
    ['webp', 'image/webp'],
  ],
  audio: [
    ['mp3', 'audio/mp3'],
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
    ['wav', 'audio/x-wav'],
    ['ogg', 'audio/ogg'],
    ['flac', 'audio/flac'],
    ['aac', 'audio/aac'],
    ['webm', 'audio/webm'],
    ['m4a', 'audio/mp4'],
  ],
  file: [
    ['pdf', 'application/pdf'],
    ['txt', 'text/plain'],
    ['md', 'text/markdown'],
    ['csv', 'text/csv'],
    ['html', 'text/html'],
    ['doc', 'application/msword'],
    ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['xls', 'application/vnd.ms-excel'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ],
};

/** Documents need a name, of letters, digits, single spaces, hyphens and brackets. */
const documentName = (name: string | null): string =>
  (name ?? '')
    .replace(/[^A-Za-z0-9\-()[\]]+/g, ' ')
    .trim()
    .slice(0, 200) || 'document';

export function writeMedia(part: MediaPart): JsonObject {
  const { source, type } = part;
  if (source.kind === 'file')
    throw unsupportedMember(type, `Bedrock does not know files by an id; send the data of the ${type}.`);
  if (source.kind === 'url' && !source.url.startsWith('s3://'))
    throw unsupportedMember(
      type,
      `Bedrock fetches nothing from the web; send the data of the ${type}, or an s3:// URL.`,
    );
  const mediaType = mediaTypeOf(part);
  const format = formats[type].find(([, known]) => known === mediaType)?.[0];
  if (format === undefined)
    throw unsupportedMember(type, `Bedrock takes no ${type} of type ${mediaType ?? 'unknown'}.`);
  const given = source.kind === 'url' ? { s3Location: { uri: source.url } } : { bytes: source.data };
  if (type !== 'file') return { [type]: { format, source: given } };
  return { document: { format, name: documentName(part.name), source: given } };
}

/** @param type of the part; `document` is what Bedrock calls a file */
export function readMedia(type: MediaPart['type'], value: JsonObject, path: string): ModelPart {
  const given = createMembers(value, path);
  const format = given.needText('format');
  const mediaType = formats[type].find(([known]) => known === format)?.[1] ?? null;
  const source = given.object('source');
  if (source === null) throw invalidMember(given.path('source'), 'an object');
  const name = given.text('name');
  return { type, source: readSource(createMembers(source, given.path('source'))), mediaType, name, detail: null };
}

function readSource(source: Members): MediaPart['source'] {
  const bytes = source.text('bytes');
  if (bytes !== null) return { kind: 'data', data: bytes };
  const location = source.object('s3Location');
  const uri = location === null ? null : createMembers(location, source.path('s3Location')).text('uri');
  if (uri === null)
    throw unsupportedMember(source.path('bytes'), 'A source without bytes or an S3 location cannot be translated.');
  return { kind: 'url', url: uri };
}
