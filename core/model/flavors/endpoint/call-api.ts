import type { HttpAnswer, OnText, PredictWorld } from '../../../ports/index.ts';
import { type ErrorCode, type Json, type JsonObject, parseExactJson, WheelhouseError } from '../../../records/index.ts';
import type { Prediction } from '../../flavor.ts';
import { textOfValue } from '../../template/render-template.ts';
import { fillMapping, type Scope } from '../mapping.ts';
import { composeAsk } from './compose-ask.ts';
import type { HttpCall } from './definition.ts';
import { createPieceReader } from './read-pieces.ts';

/** Of a failed answer that the error shows. */
const shownCharacters = 300;

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'upstream_rate_limited';
  if (status === 408 || status === 504) return 'upstream_timeout';
  return status >= 500 ? 'upstream_failed' : 'upstream_refused';
}

function retryAfterMs(headers: Record<string, string>): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}

function refuseFailure({ status, headers, body }: HttpAnswer): void {
  if (status < 400) return;
  const shown = body.length > shownCharacters ? `${body.slice(0, shownCharacters)}…` : body;
  const wait = retryAfterMs(headers);
  throw new WheelhouseError(codeOf(status), `The endpoint answered ${status}${shown === '' ? '.' : `: ${shown}`}`, {
    hint: 'The endpoint answered with an error of its own; look at what was sent on the span.',
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}

function readBody({ headers, body }: HttpAnswer): Json {
  const type = headers['content-type'];
  if (body === '') return null;
  if (type !== undefined && !/[/+]json\b/i.test(type)) return body;
  try {
    return parseExactJson(body);
  } catch (cause) {
    if (type === undefined) return body;
    throw new WheelhouseError('upstream_failed', 'The endpoint answered with something that is not JSON.', { cause });
  }
}

/** Calls an HTTP API with these values, and reads what its answer means. */
export async function callApi(
  call: HttpCall,
  scope: Scope,
  { world, onText }: { world: PredictWorld; onText: OnText | null },
): Promise<Prediction> {
  let streamed = '';
  const reader = call.stream && createPieceReader(call.stream);
  const take = (piece: string) => {
    if (piece === '') return;
    streamed += piece;
    onText?.(piece);
  };
  const live = reader && onText !== null;
  const answer = await world.callHttp(composeAsk(call, scope, live ? (chunk) => take(reader.push(chunk)) : null));
  refuseFailure(answer);
  if (reader) {
    if (!live) take(reader.push(answer.body));
    take(reader.end());
  }
  const body = reader ? streamed : readBody(answer);
  if (call.output === undefined) return { output: body, text: textOfValue(body) };
  const output = fillMapping(call.output, { status: answer.status, headers: answer.headers, body } as JsonObject);
  return { output, text: reader ? streamed : textOfValue(output) };
}
