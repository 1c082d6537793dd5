import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';

/** What a caller says about a call beside the vendor's own request, in headers that stay here. */
export type Control = {
  tags: string[];
  user: string | null;
  session: string | null;
  metadata: JsonObject;
  /** `no-store`, `no-cache`, `max-age=60` …; null: as the route has it. */
  cache: string | null;
  /** Longest time for the whole call. */
  deadlineMs: number | null;
};

export const controlPrefix = 'x-wheelhouse-';

export const noControl: Control = { tags: [], user: null, session: null, metadata: {}, cache: null, deadlineMs: null };

const longestText = 256;
const mostTags = 32;

const wrong = (name: string, takes: string): WheelhouseError =>
  new WheelhouseError('invalid_request', `The header \`${controlPrefix}${name}\` takes ${takes}.`, {
    param: `${controlPrefix}${name}`,
  });

function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[controlPrefix + name];
  if (typeof value !== 'string' || value.trim() === '') return null;
  if (value.length > longestText) throw wrong(name, `text of at most ${longestText} characters`);
  return value.trim();
}

function metadataOf(headers: IncomingHttpHeaders): JsonObject {
  const text = headers[`${controlPrefix}metadata`];
  if (typeof text !== 'string' || text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw wrong('metadata', 'a JSON object');
}

function deadlineOf(headers: IncomingHttpHeaders): number | null {
  const text = textOf(headers, 'deadline-ms');
  if (text === null) return null;
  if (!/^[1-9]\d{0,7}$/.test(text)) throw wrong('deadline-ms', 'milliseconds as a whole number above 0');
  return Number(text);
}

/** @throws WheelhouseError `invalid_request` */
export function readControl(headers: IncomingHttpHeaders): Control {
  let control: Control | null = null;
  // Nearly no call has any, so that looking for the prefix is all that is done for it.
  for (const name in headers)
    if (name.startsWith(controlPrefix)) {
      const tags = (textOf(headers, 'tags') ?? '').split(',').flatMap((tag) => tag.trim() || []);
      if (tags.length > mostTags) throw wrong('tags', `at most ${mostTags} names with commas between`);
      control = {
        tags,
        user: textOf(headers, 'user'),
        session: textOf(headers, 'session'),
        metadata: metadataOf(headers),
        cache: textOf(headers, 'cache')?.toLowerCase() ?? null,
        deadlineMs: deadlineOf(headers),
      };
      break;
    }
  return control ?? noControl;
}
