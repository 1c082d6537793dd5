import type { ModelPart } from '../ports/index.ts';

export type MediaPart = Extract<ModelPart, { type: 'image' | 'audio' | 'file' }>;

/** How the data of common kinds begins, in base64. */
const beginnings: [string, string][] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0K', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
];

const endings = new Map([
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['mp3', 'audio/mp3'],
  ['wav', 'audio/wav'],
]);

const byEnding = (path: string): string | null =>
  endings.get(/\.(\w{2,5})(?:[?#]|$)/.exec(path)?.[1]?.toLowerCase() ?? '') ?? null;

/** What the part says it is, or what its data, address or name show it to be; null when nothing does. */
export function mediaTypeOf({ source, mediaType, name }: MediaPart): string | null {
  if (mediaType !== null) return mediaType === 'image/jpg' ? 'image/jpeg' : mediaType;
  if (source.kind === 'data') {
    const known = beginnings.find(([beginning]) => source.data.startsWith(beginning));
    if (known) return known[1];
  }
  return (source.kind === 'url' ? byEnding(source.url) : null) ?? byEnding(name ?? '');
}
