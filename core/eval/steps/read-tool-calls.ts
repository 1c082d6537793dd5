import { isJsonObject, type Json, type JsonObject, type Span, wholeToolCall } from '../../records/index.ts';

export type CalledTool = { name: string; arguments: Json };

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** Arguments as vendors send them: JSON, or JSON in a text. */
const argumentsOf = (given: Json | undefined): Json =>
  typeof given === 'string' ? (parsed(given) ?? given) : (given ?? {});

/** One call, in the forms of OpenAI, Anthropic and plain `{name, arguments}`; null: it is none. */
function callOf(one: Json): CalledTool | null {
  if (!isJsonObject(one)) return null;
  const call: JsonObject = isJsonObject(one.function) ? one.function : one;
  if (typeof call.name !== 'string') return null;
  return { name: call.name, arguments: argumentsOf(call.arguments ?? call.args ?? call.input) };
}

/** Calls in a list, or in `tool_calls` of a message; null: it is neither. */
export function toolCallsIn(value: Json): CalledTool[] | null {
  const list = isJsonObject(value) && Array.isArray(value.tool_calls) ? value.tool_calls : value;
  if (!Array.isArray(list)) {
    const one = callOf(list);
    return one === null ? null : [one];
  }
  const calls = list.map(callOf);
  return calls.every((call) => call !== null) ? calls : null;
}

const line = /^([A-Za-z_][\w.-]*)\((.*)\)$/s;

/** Calls that stand in an answer: as JSON, or as the gateway writes them, one `name({…})` a line after the text. */
export function toolCallsOfText(text: string): CalledTool[] {
  const value = parsed(text);
  const listed = value === undefined ? null : toolCallsIn(value);
  if (listed !== null) return listed;
  return text.split('\n').flatMap((one) => {
    const [, name, given] = line.exec(one.trim()) ?? [];
    if (name === undefined || given === undefined) return [];
    const args = given.trim() === '' ? {} : parsed(given);
    return isJsonObject(args) ? [{ name, arguments: args }] : [];
  });
}

/** Calls of a trace in their order: of its tool spans, else of what its models asked for. */
export function toolCallsOfSpans(spans: readonly Span[]): CalledTool[] {
  const ran = spans.flatMap((span) => {
    if (span.kind !== 'tool') return [];
    const call = wholeToolCall(span);
    return [{ name: call?.name ?? span.name, arguments: argumentsOf(call?.arguments ?? undefined) }];
  });
  if (ran.length > 0) return ran;
  return spans.flatMap(({ kind, output }) => {
    if (kind !== 'generation' || output?.type !== 'messages') return [];
    const parts = output.messages.flatMap((message) => message.parts);
    return parts.flatMap((part) =>
      part.type === 'tool_call' ? [{ name: part.name, arguments: argumentsOf(part.arguments) }] : [],
    );
  });
}
