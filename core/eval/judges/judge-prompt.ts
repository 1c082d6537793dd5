import { z } from 'zod';
import { contentHash, isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../records/index.ts';

/**
 * What a judge is told. `{{name}}` in `user` is where a text goes that is judged, `{{=name}}` where its author says how;
 * all else is fixed, and hashed.
 */
export type JudgePrompt<Answer> = {
  /** Letters and underscores: vendors know the answer's schema by it. */
  name: string;
  system: string;
  user: string;
  answer: z.ZodType<Answer>;
};

/** How a value reads to a judge: text as it is, a conversation by turns, other values as JSON. */
export function readable(value: Json): string {
  if (typeof value === 'string') return value;
  const messages = isJsonObject(value) && Array.isArray(value.messages) ? value.messages : value;
  const isConversation =
    Array.isArray(messages) &&
    messages.length > 0 &&
    messages.every((one) => isJsonObject(one) && typeof one.role === 'string');
  if (!isConversation) return JSON.stringify(value, null, 2);
  const line = ({ role, content }: JsonObject) =>
    `${String(role)}: ${typeof content === 'string' ? content : JSON.stringify(content ?? null)}`;
  return (messages as JsonObject[]).map(line).join('\n');
}

/** Its own hash is in the marks around a text, so that no text can close them and go on as an instruction. */
function fenced(name: string, text: string): string {
  const mark = `${name}-${contentHash(text).slice(0, 8)}`;
  return `<${mark}>\n${text}\n</${mark}>`;
}

export const fillPrompt = ({ user }: { user: string }, texts: Readonly<Record<string, string>>): string =>
  user.replaceAll(/\{\{(=?)(\w+)\}\}/g, (_, plain: string, name: string) => {
    const text = texts[name] ?? '';
    return plain === '' ? fenced(name, text) : text;
  });

/** The schema of the answer, for vendors that hold a model to one. */
export function answerSchema({ answer }: { answer: z.ZodType }): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(answer) as JsonObject;
  return schema;
}

/** Changes when a word of the prompt does, or what is read of the answer. */
export const promptHash = (prompts: readonly JudgePrompt<unknown>[]): string =>
  contentHash(prompts.map((one) => ({ system: one.system, user: one.user, answer: answerSchema(one) }))).slice(0, 8);
