import { isJsonObject, type Json } from '../records/index.ts';

/** Names of the simulated models, without `sim/`. */
export const simModels = ['echo', 'rules', 'student'] as const;
export type SimModel = (typeof simModels)[number];

export type SimMessage = { role: string; text: string };

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isJsonObject(part) && part.type === 'text' && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

/** Roles and texts of OpenAI chat messages; what is not one is left out. */
export function simMessages(messages: Json | undefined): SimMessage[] {
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((m) =>
    isJsonObject(m) && typeof m.role === 'string' ? [{ role: m.role, text: textOf(m.content) }] : [],
  );
}

const lastUserText = (messages: SimMessage[]) => messages.findLast((m) => m.role === 'user')?.text ?? '';

/**
 * Follows the rules that it finds, one a line, in system and developer messages, and so lets a prompt be improved
 * without a vendor: `If asked about WORD, answer: TEXT` · `Begin with: TEXT` · `End with: TEXT` · `Answer in upper case`.
 * Without a rule that fits it repeats the question.
 */
function followRules(messages: SimMessage[]): string {
  const question = lastUserText(messages);
  const lines = messages
    .filter((m) => m.role === 'system' || m.role === 'developer')
    .flatMap((m) => m.text.split('\n'))
    .map((line) => line.trim().replace(/^[-*]\s+/, ''));
  let answer = question;
  let begin = '';
  let end = '';
  let upper = false;
  for (const line of lines) {
    const about = /^if asked about (.+?), answer: (.+)$/i.exec(line);
    if (about && question.toLowerCase().includes((about[1] ?? '').toLowerCase())) answer = about[2] ?? '';
    begin = /^begin with: (.+)$/i.exec(line)?.[1] ?? begin;
    end = /^end with: (.+)$/i.exec(line)?.[1] ?? end;
    upper ||= /^answer in upper case\.?$/i.test(line);
  }
  const whole = [begin, answer, end].filter((text) => text !== '').join(' ');
  return upper ? whole.toUpperCase() : whole;
}

/** The whole answer of a simulated model that needs no settings to a conversation. */
export function simAnswer(model: Exclude<SimModel, 'student'>, messages: SimMessage[]): string {
  return model === 'rules' ? followRules(messages) : lastUserText(messages);
}
