import { isJsonObject, type Json, type JsonObject, mediaTypeOf, WheelhouseError } from '@wheelhouse/core/records';
import { jsonOf } from '../vendor-door.ts';
import { Unreadable } from '../vendor-values.ts';
import type { Part } from './multipart.ts';

type Method = 'post' | 'patch';

/** A view into the body. */
export type AttachedFile = { name: string; type: string; content: Buffer };

export type Parts = {
  /** Each with all that its parts say, in the order of their first. */
  runs: { method: Method; run: JsonObject; files: AttachedFile[] }[];
  feedback: JsonObject[];
  /** `run` is what there is of it, what cannot be read as text; null when it was no run at all. */
  refused: { cause: Unreadable; method: Method; run: JsonObject | null }[];
};

type Draft = { members: [string, Json][]; files: AttachedFile[]; cause: Unreadable | null };

/** Fields that a run's own part may leave to parts of their own. */
const fields = new Set(['inputs', 'outputs', 'events', 'extra', 'error', 'serialized']);
const keptText = 10_000;

function contentOf(part: Part): Json {
  try {
    return jsonOf(part.content);
  } catch (cause) {
    if (!(cause instanceof WheelhouseError)) throw cause;
    throw new Unreadable(cause.code, `The part \`${part.name.slice(0, 100)}\` is not JSON.`);
  }
}

function membersOf(part: Part, field: string | undefined): [string, Json][] {
  const content = contentOf(part);
  if (field !== undefined) return [[field, content]];
  if (isJsonObject(content)) return Object.entries(content);
  throw new Unreadable('no object', `The part \`${part.name.slice(0, 100)}\` is no object.`);
}

/** Puts the parts of `POST /runs/multipart` together; what cannot be read takes only its own run with it. */
export function readParts(parts: readonly Part[]): Parts {
  const drafts = new Map<string, Draft>();
  const read: Parts = { runs: [], feedback: [], refused: [] };

  function draftOf(key: string, id: string): Draft {
    const known = drafts.get(key);
    if (known) return known;
    const draft: Draft = { members: [['id', id]], files: [], cause: null };
    drafts.set(key, draft);
    return draft;
  }

  function takeRun(part: Part, [, method = '', id = '', field]: string[]): void {
    const draft = draftOf(`${method}.${id}`, id);
    try {
      if (field !== undefined && !fields.has(field))
        throw new Unreadable('unknown part', `No run has \`${field.slice(0, 60)}\`.`);
      draft.members.push(...membersOf(part, field));
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      draft.cause = cause;
      draft.members.push([field ?? 'unreadable', part.content.toString('utf8', 0, keptText)]);
    }
  }

  function takeOther(part: Part): void {
    try {
      if (!part.name.startsWith('feedback.'))
        throw new Unreadable('unknown part', `\`${part.name.slice(0, 100)}\` is no part of a run.`);
      read.feedback.push(Object.fromEntries(membersOf(part, undefined)));
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      read.refused.push({ cause, method: 'post', run: null });
    }
  }

  for (const part of parts) {
    const run = /^(post|patch)\.([^.]+)(?:\.(.+))?$/.exec(part.name);
    const [, owner, name] = /^attachment\.([^.]+)\.(.+)$/.exec(part.name) ?? [];
    if (run) takeRun(part, [...run]);
    else if (owner === undefined || name === undefined) takeOther(part);
    else
      draftOf(drafts.has(`patch.${owner}`) ? `patch.${owner}` : `post.${owner}`, owner).files.push({
        name,
        type: mediaTypeOf(part.contentType),
        content: part.content,
      });
  }
  for (const [what, { members, files, cause }] of drafts) {
    const run = Object.fromEntries(members);
    const method = what.startsWith('post.') ? 'post' : 'patch';
    if (cause === null) read.runs.push({ method, run, files });
    else read.refused.push({ cause, method, run });
  }
  return read;
}
