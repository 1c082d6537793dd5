import { codecOf, queuedResponse, responseInput } from '@wheelhouse/core/dialect';
import type { StoredResponse } from '@wheelhouse/core/ports';
import { editJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { modelOf, parseBody, streamOf } from './read-body.ts';

/** Whether it may ask for that; told apart by reading it. */
const mayAsk = /"background"\s*:\s*true/;

export const asksForBackground = (text: string): boolean => mayAsk.test(text) && parseBody(text).background === true;

/** A response as it is told before it is made. */
export function queued(text: string, given: { id: string; nowMs: number; keptMs: number }): StoredResponse {
  const { nowMs } = given;
  const asked = parseBody(text);
  if (asked.store === false)
    throw new WheelhouseError('invalid_request', 'A response in the background is stored until it is fetched.', {
      param: 'store',
      hint: 'Leave `store` out, or set it.',
    });
  if (streamOf(asked))
    throw new WheelhouseError('invalid_request', 'A response in the background is not streamed here.', {
      param: 'stream',
      hint: 'Leave `stream` out and fetch the response by its id, or leave `background` out.',
    });
  const { background: _, previous_response_id: previous, ...rest } = asked;
  const request = codecOf('openai-responses').readRequest(rest);
  const frame = { ...given, model: modelOf(asked), created: Math.floor(nowMs / 1_000), includeUsage: false, request };
  const previousId = typeof previous === 'string' ? previous : null;
  const body: JsonObject = { ...queuedResponse(frame), previous_response_id: previousId, store: true };
  const id = String(body.id);
  const input = responseInput(asked, id);
  return { id, body, input, previousId, createdAtMs: nowMs, expiresAtMs: nowMs + given.keptMs };
}

/** What is asked of the model, in the end. */
export const inForeground = (text: string): string => editJsonObject(text, new Map([['background', null]]));

export const isPending = ({ body }: Pick<StoredResponse, 'body'>): boolean =>
  body.status === 'queued' || body.status === 'in_progress';
