import { isJsonObject, type JsonObject, parseExactJson, WheelhouseError } from '@wheelhouse/core/records';

/** @throws WheelhouseError `invalid_json` */
export function parseBody(text: string): JsonObject {
  let body: unknown;
  try {
    body = parseExactJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_json', `The request body is not JSON: ${reason}.`, { cause });
  }
  if (!isJsonObject(body)) throw new WheelhouseError('invalid_json', 'The request body is not a JSON object.');
  return body;
}

/** @throws WheelhouseError `invalid_request` */
export function modelOf(body: JsonObject): string {
  if (typeof body.model === 'string' && body.model !== '') return body.model;
  throw new WheelhouseError('invalid_request', '`model` takes the name of a model as text, for example "sim/echo".', {
    param: 'model',
  });
}

/** @throws WheelhouseError `invalid_request` */
export function streamOf(body: JsonObject): boolean {
  const { stream } = body;
  if (stream === undefined || stream === null || typeof stream === 'boolean') return stream === true;
  throw new WheelhouseError('invalid_request', '`stream` takes true or false.', { param: 'stream' });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Who the body says the end user is, and which session it belongs to. */
export function whoOf(body: JsonObject): { user: string | null; session: string | null; metadata: JsonObject } {
  const metadata = isJsonObject(body.metadata) ? body.metadata : {};
  return {
    user: textOf(body.user) ?? textOf(body.safety_identifier) ?? textOf(metadata.user_id),
    session: textOf(metadata.session_id),
    metadata,
  };
}
