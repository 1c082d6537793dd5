import { contentHash, isJsonObject, type Json, type JsonObject } from '../records/index.ts';

export type SimToolCall = { id: string; name: string /** JSON text. */; arguments: string };

type Tool = { name: string; parameters: JsonObject };

function toolsOf(body: JsonObject): Tool[] {
  if (!Array.isArray(body.tools)) return [];
  return body.tools.flatMap((tool) => {
    const given = isJsonObject(tool) ? tool.function : undefined;
    if (!isJsonObject(given) || typeof given.name !== 'string') return [];
    return [{ name: given.name, parameters: isJsonObject(given.parameters) ? given.parameters : {} }];
  });
}

/** The smallest value that a schema takes; texts are the question itself. */
function exampleOf(schema: Json | undefined, question: string): Json {
  if (!isJsonObject(schema)) return question;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  if (schema.type === 'number' || schema.type === 'integer')
    return typeof schema.minimum === 'number' ? schema.minimum : 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [];
  if (schema.type !== 'object') return question;
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : Object.keys(properties);
  return Object.fromEntries(required.map((name) => [String(name), exampleOf(properties[String(name)], question)]));
}

/** The tool that the request insists on. */
function forced(body: JsonObject, tools: Tool[]): Tool | undefined {
  const choice = body.tool_choice;
  if (choice === 'required') return tools[0];
  const named = isJsonObject(choice) && isJsonObject(choice.function) ? choice.function.name : null;
  return tools.find(({ name }) => name === named);
}

/**
 * Tools are called where the question says so, a call a line, or where the request insists on one:
 * `call get_weather {"city":"Oslo"}`. With `tool_choice` none they are not.
 */
export function simToolCalls(body: JsonObject, question: string): SimToolCall[] {
  const tools = toolsOf(body);
  if (tools.length === 0 || body.tool_choice === 'none') return [];
  const example = (tool: Tool) => JSON.stringify(exampleOf({ type: 'object', ...tool.parameters }, question));
  const asked = question.split('\n').flatMap((line) => {
    const [, name = '', given] = /^\s*call ([\w-]+)(?:\s+(\{.*\}))?\s*$/.exec(line) ?? [];
    const tool = tools.find((known) => known.name === name);
    return tool ? [{ name, arguments: given ?? example(tool) }] : [];
  });
  const insisted = asked.length === 0 ? forced(body, tools) : undefined;
  const calls = insisted ? [{ name: insisted.name, arguments: example(insisted) }] : asked;
  return calls.map((call, index) => ({
    id: `call_${contentHash([body.messages ?? null, index]).slice(0, 24)}`,
    ...call,
  }));
}
