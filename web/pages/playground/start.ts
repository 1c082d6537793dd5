import type { Client, ModelVersionBody } from '@wheelhouse/sdk';
import type { ChatMessage } from '../../data/chat.ts';
import { chatOfMessages } from '../../data/chat-of-messages.ts';
import { type Definition, emptyPrompt } from '../../data/definitions.ts';
import type { PlaygroundState, Variant } from '../../data/playground-link.ts';

type Named = { name: string; version: ModelVersionBody };

export const variantOf = ({ name, version }: Named): Variant => ({
  name,
  version: version.number,
  definition: version.definition as Definition,
  madeFrom: [`version:${name}@${version.number}`],
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMessages = (value: unknown): value is ChatMessage[] =>
  Array.isArray(value) && value.every((one) => isObject(one) && typeof one.role === 'string');

export const emptyState = (): PlaygroundState => ({
  variants: [{ name: null, version: null, definition: emptyPrompt(), madeFrom: [] }],
  inputs: [{ variables: {}, messages: [{ role: 'user', content: '' }] }],
});

/** A version with an input that it takes: its example, where it has one. */
export function stateOfVersion(named: Named): PlaygroundState {
  const { example } = named.version;
  const variables = isObject(example) ? example : {};
  return { variants: [variantOf(named)], inputs: [{ variables, messages: [] }] };
}

async function versionOf(client: Client, ref: string): Promise<Named | null> {
  const [, name, number] = /^(.+)@(\d+)$/.exec(ref) ?? [];
  if (name === undefined) return null;
  const { versions } = await client.call('getModel', { params: { name } });
  const version = versions.find((one) => one.number === Number(number));
  return version ? { name, version } : null;
}

type Recorded = { variables: Record<string, unknown>; messages: ChatMessage[] };

type Span = Awaited<ReturnType<typeof spanOf>>;
const spanOf = (client: Client, traceId: string, spanId: string) =>
  client.call('getSpan', { params: { traceId, spanId } });

/** What the gateway was asked, beside what it asked the base model. */
function askedOf({ attributes }: Span): Recorded | null {
  const kept = attributes['wheelhouse.input'];
  if (typeof kept !== 'string') return null;
  try {
    const value: unknown = JSON.parse(kept);
    if (!isObject(value) || !isMessages(value.messages)) return null;
    return { messages: value.messages, variables: isObject(value.variables) ? value.variables : {} };
  } catch {
    return null;
  }
}

/** What a span says that went in, in any of its forms. */
function inputOf({ input }: Span): Recorded {
  if (input === null) return { variables: {}, messages: [] };
  if (input.type === 'messages') return { variables: {}, messages: chatOfMessages(input.messages) };
  const { value } = input;
  if (isMessages(value)) return { variables: {}, messages: value };
  if (typeof value === 'string') return { variables: {}, messages: [{ role: 'user', content: value }] };
  if (!isObject(value)) return { variables: {}, messages: [] };
  const { messages, variables } = value;
  if (isMessages(messages)) return { variables: isObject(variables) ? variables : {}, messages };
  return { variables: isObject(variables) ? variables : value, messages: [] };
}

/** Parts of a request, not things to say to the next. */
const ofTheCall = ['model', 'messages', 'stream', 'stream_options', 'variables', 'tools', 'response_format'];

/** Instructions become the prompt, where they read as a template what they are. */
function promptOf(span: Span, { messages }: Recorded): { definition: Definition; rest: ChatMessage[] } {
  const isInstruction = ({ role, content }: ChatMessage) =>
    (role === 'system' || role === 'developer') && typeof content === 'string' && !content.includes('{{');
  const after = messages.findIndex((message) => !isInstruction(message));
  const own = after < 0 ? messages : messages.slice(0, after);
  const parameters = Object.fromEntries(
    Object.entries(span.params ?? {}).filter(([name, value]) => !ofTheCall.includes(name) && value !== null),
  );
  const tools =
    Array.isArray(span.toolDefinitions) && span.toolDefinitions.length > 0 ? { tools: span.toolDefinitions } : {};
  const format = span.params?.response_format;
  const model = span.requestModel ?? span.responseModel ?? 'sim/echo';
  const definition: Definition = {
    flavor: 'prompt',
    baseModel: model.includes('/') || !span.provider ? model : `${span.provider}/${model}`,
    messages: own.map(({ role, content }) => ({ role: role as 'system', content: content as string })),
    parameters: { ...parameters, ...tools, ...(isObject(format) ? { response_format: format } : {}) },
  };
  return { definition, rest: messages.slice(own.length) };
}

/** A call as it was: the version that answered and its variables, or the prompt as it was sent. */
async function stateOfSpan(client: Client, traceId: string, spanId: string): Promise<PlaygroundState> {
  const span = await spanOf(client, traceId, spanId);
  const from = `span:${traceId}/${spanId}`;
  const named = span.model === null ? null : await versionOf(client, span.model);
  const recorded = inputOf(span);
  if (named) {
    const variant = variantOf(named);
    return { variants: [{ ...variant, madeFrom: [from, ...variant.madeFrom] }], inputs: [askedOf(span) ?? recorded] };
  }
  const { definition, rest } = promptOf(span, recorded);
  return {
    variants: [{ name: null, version: null, definition, madeFrom: [from] }],
    inputs: [{ variables: recorded.variables, messages: rest }],
  };
}

/** What a playground begins with. @param from `span:<trace>/<span>` or `version:<model>@<number>` */
export async function startFrom(client: Client, from: string | undefined): Promise<PlaygroundState> {
  const [, traceId, spanId] = /^span:([0-9a-f]+)\/([0-9a-f]+)$/.exec(from ?? '') ?? [];
  if (traceId !== undefined && spanId !== undefined) return stateOfSpan(client, traceId, spanId);
  const [, ref] = /^version:(.+)$/.exec(from ?? '') ?? [];
  const named = ref === undefined ? null : await versionOf(client, ref);
  if (ref !== undefined && !named) throw new Error(`There is no version ${ref}.`);
  return named ? stateOfVersion(named) : emptyState();
}
