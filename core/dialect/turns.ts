import type { ModelPart, ModelRequest } from '../ports/index.ts';

export type Turn = { role: 'user' | 'assistant'; parts: ModelPart[] };

const isEmpty = (part: ModelPart): boolean => part.type === 'text' && part.text === '';

/**
 * A conversation as the dialects have it where user and assistant take turns: instructions apart, wherever they stood;
 * neighbours of one role together; results of tools as the user's, before anything else that the user says.
 */
export function turnsOf({ messages }: ModelRequest): { system: ModelPart[]; turns: Turn[] } {
  const system: ModelPart[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    const parts = message.parts.filter((part) => !isEmpty(part));
    if (message.role === 'system') system.push(...parts);
    else if (parts.length > 0) {
      const role = message.role === 'assistant' ? 'assistant' : 'user';
      const last = turns.at(-1);
      if (last?.role === role) last.parts.push(...parts);
      else turns.push({ role, parts });
    }
  }
  for (const turn of turns) {
    const results = turn.parts.filter(({ type }) => type === 'toolResult');
    if (results.length > 0) turn.parts = [...results, ...turn.parts.filter(({ type }) => type !== 'toolResult')];
  }
  return { system, turns };
}

/** Names of the tools that were called, by the id of the call. */
export function calledTools({ messages }: ModelRequest): Map<string, string> {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'toolCall'));
  return new Map(calls.map(({ id, name }) => [id, name]));
}
