import type { MediaSource } from '../ports/index.ts';

const dataUrl = /^data:([^;,]*)(?:;[^;,]*)*;base64,/;

/** A URL as the dialects of OpenAI give it: of the web, or with the data in it. */
export function readMediaUrl(url: string): { source: MediaSource; mediaType: string | null } {
  const found = dataUrl.exec(url.slice(0, 256));
  if (found === null) return { source: { kind: 'url', url }, mediaType: null };
  return { source: { kind: 'data', data: url.slice(found[0].length) }, mediaType: found[1] || null };
}

export const dataUrlOf = (data: string, mediaType: string): string => `data:${mediaType};base64,${data}`;

/** Of audio, as OpenAI names its formats. */
export const audioFormatOf = (mediaType: string | null): 'wav' | 'mp3' | null =>
  mediaType === null
    ? null
    : /^audio\/(?:x-)?wave?$/.test(mediaType)
      ? 'wav'
      : /^audio\/(?:mp3|mpeg)$/.test(mediaType)
        ? 'mp3'
        : null;
