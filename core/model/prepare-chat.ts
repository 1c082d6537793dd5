import {
  editJsonObject,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonMemberText,
  type ModelVersion,
  parseExactJson,
  WheelhouseError,
} from '../records/index.ts';
import { checkCallerParameters } from './caller-parameters.ts';
import type { FlavorContext } from './flavor.ts';
import { ownRequest } from './own-request.ts';

export type ChatRequest = { text: string; body: JsonObject };

/** @throws WheelhouseError `invalid_json`, `invalid_request` */
export function parseChatRequest(text: string): ChatRequest {
  let body: unknown;
  try {
    body = parseExactJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_json', `The request body is not JSON: ${reason}.`, { cause });
  }
  if (!isJsonObject(body)) throw new WheelhouseError('invalid_json', 'The request body is not a JSON object.');
  const wrong = (param: string, message: string) => new WheelhouseError('invalid_request', message, { param });
  if (typeof body.model !== 'string' || body.model === '')
    throw wrong('model', '`model` takes the name of a model as text, for example "sim/echo".');
  if (!Array.isArray(body.messages)) throw wrong('messages', '`messages` takes a list of messages.');
  for (const [i, message] of body.messages.entries())
    if (!isJsonObject(message) || typeof message.role !== 'string')
      throw wrong(`messages[${i}]`, `\`messages[${i}]\` takes an object with a \`role\`.`);
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== 'boolean')
    throw wrong('stream', '`stream` takes true or false.');
  if (body.variables !== undefined && !isJsonObject(body.variables))
    throw wrong('variables', '`variables` takes an object.');
  return { text, body };
}

/** What goes to the vendor, as text and as read, and whether the caller asked for the usage chunk that we always ask for. */
export type VendorChat = { text: string; body: JsonObject; addedUsage: boolean };

/** Of a base model, which adds nothing to a request. */
function checkPlain(body: JsonObject, ref: string): void {
  if (Array.isArray(body.messages) && body.messages.length === 0)
    throw new WheelhouseError('invalid_request', '`messages` is empty.', {
      param: 'messages',
      hint: 'Send at least one message.',
    });
  if (body.variables !== undefined)
    throw new WheelhouseError('signature_mismatch', `\`${ref}\` is a base model and takes no variables.`, {
      param: 'variables',
      hint: 'Leave `variables` out, or call a registered model as name@alias.',
    });
}

/**
 * The request as the vendor gets it: the vendor's model name, the version's messages before the caller's and its
 * parameters where the caller gave none. Everything else keeps its bytes.
 */
export function prepareChat(
  request: ChatRequest,
  target: { vendorModel: string; ref: string; version: ModelVersion | null },
  context: FlavorContext,
): VendorChat {
  const { text, body } = request;
  const options = isJsonObject(body.stream_options) ? body.stream_options : {};
  const addedUsage = body.stream === true && options.include_usage !== true;
  if (target.version === null) checkPlain(body, target.ref);
  // Most calls of a base model go on as they came.
  if (target.version === null && body.model === target.vendorModel && !addedUsage) return { text, body, addedUsage };
  const edits = new Map<string, string | null>();
  const sent: JsonObject = { ...body, model: target.vendorModel };
  if (body.model !== target.vendorModel) edits.set('model', JSON.stringify(target.vendorModel));
  if (target.version) {
    const variables = (body.variables as JsonObject | undefined) ?? {};
    const own = ownRequest(target.version, variables, { name: target.ref, ...context });
    const { parameters } = target.version.signature;
    checkCallerParameters(parameters, { body, own: own.parameters }, { name: target.ref, checker: context.checker });
    const callers = jsonMemberText(text, 'messages')?.trim().slice(1, -1).trim() ?? '';
    const all = [...own.messages.map((m) => JSON.stringify(m)), ...(callers ? [callers] : [])];
    if (all.length === 0)
      throw new WheelhouseError(
        'invalid_request',
        `${target.ref} has no messages of its own, and the request has none.`,
        {
          param: 'messages',
          hint: 'Send at least one message.',
        },
      );
    edits.set('messages', `[${all.join(',')}]`);
    sent.messages = [...own.messages, ...(body.messages as Json[])];
    edits.set('variables', null);
    delete sent.variables;
    for (const [key, value] of Object.entries(own.parameters)) {
      if (body[key] !== undefined) continue;
      edits.set(key, JSON.stringify(value));
      sent[key] = value;
    }
  }
  if (addedUsage) {
    sent.stream_options = { ...options, include_usage: true };
    edits.set('stream_options', JSON.stringify(sent.stream_options));
  }
  return { text: edits.size === 0 ? text : editJsonObject(text, edits), body: sent, addedUsage };
}
