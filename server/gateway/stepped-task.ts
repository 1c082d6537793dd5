import { type AnswerFrame, codecOf } from '@wheelhouse/core/dialect';
import { flavorOf } from '@wheelhouse/core/model';
import type { Dialect, ModelRequest, PredictInput } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, type JsonObject, type ModelVersion, WheelhouseError } from '@wheelhouse/core/records';
import type { Target } from '@wheelhouse/core/route';
import { whoOf } from './read-body.ts';
import type { Task } from './task.ts';

/** What a model that is more than one call is asked, and how its answer is told. */
export type Stepped = { ask: PredictInput; dialect: Dialect; frame: AnswerFrame };

export const isStepped = (version: ModelVersion | null): version is ModelVersion =>
  version !== null && flavorOf(version.definition).runs === 'stepped';

type Asked = { dialect: Dialect; body: JsonObject; text: string; target: Target; streamed: boolean };

/** Where a dialect has the conversation; one that is called by its variables alone needs none. */
const conversationIn: Partial<Record<Dialect, string>> = {
  'openai-chat': 'messages',
  'openai-completions': 'prompt',
  'openai-responses': 'input',
  'anthropic-messages': 'messages',
};

/** Nothing is refused: it is read here, and goes to no vendor. */
const everything = { refuses: [], needsMaxTokens: null };

function readRequest({ dialect, body, target }: Asked): ModelRequest | null {
  const member = conversationIn[dialect];
  const { variables: _, ...request } = body;
  const given = member === undefined ? null : request[member];
  if (given === undefined || (Array.isArray(given) && given.length === 0)) return null;
  return { ...codecOf(dialect).readRequest(request), model: target.ref };
}

function messagesOf({ dialect, body }: Asked, request: ModelRequest | null): Json[] {
  if (request === null) return [];
  if (dialect === 'openai-chat') return body.messages as Json[];
  return codecOf('openai-chat').writeRequest(request, everything).messages as Json[];
}

/** Members of the request that the signature names as parameters. */
function parametersOf(body: JsonObject, { signature }: ModelVersion): JsonObject {
  const named = isJsonObject(signature.parameters?.properties) ? Object.keys(signature.parameters.properties) : [];
  const parameters: JsonObject = {};
  for (const name of named) if (body[name] !== undefined) parameters[name] = body[name];
  return parameters;
}

const emptyRequest = (model: string, stream: boolean): ModelRequest => ({
  ...codecOf('openai-chat').readRequest({ model, messages: [] }),
  stream,
});

/**
 * A call to a conversational endpoint, in any dialect, for a model that is no single call.
 * @throws WheelhouseError `invalid_request`
 */
export function steppedTask(asked: Asked & { version: ModelVersion }, made: Pick<AnswerFrame, 'created' | 'id'>): Task {
  const { dialect, body, text, target, streamed, version } = asked;
  if (body.variables !== undefined && !isJsonObject(body.variables))
    throw new WheelhouseError('invalid_request', '`variables` takes an object.', { param: 'variables' });
  const request = readRequest(asked);
  const input = body.variables ?? {};
  const messages = messagesOf(asked, request);
  const options = isJsonObject(body.stream_options) ? body.stream_options : {};
  const frame: AnswerFrame = {
    ...made,
    model: target.ref,
    includeUsage: options.include_usage === true,
    request: request ?? emptyRequest(target.ref, streamed),
  };
  return {
    operation: 'chat',
    target,
    streamed,
    tokens: { input: 0, output: 0 },
    ...whoOf(body),
    asked: { dialect, body, text, input: { messages, variables: input } },
    stepped: { ask: { input, messages, parameters: parametersOf(body, version) }, dialect, frame },
    compose() {
      throw new WheelhouseError('internal', `${target.ref} is not one call.`);
    },
  };
}
