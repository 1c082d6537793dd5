import { contentHash, isJsonObject, type Json, type JsonObject } from '../records/index.ts';
import { uniformFrom } from '../stats/index.ts';
import type { SimMessage } from './answer.ts';
import type { SimSettings } from './sim-settings.ts';

type Rule = { word: string; answer: string };

const rulePattern = /if asked about ([^,\n]{1,80}), answer: ([^\n"\\]{1,200})/gi;
/** The rules that stand anywhere in a text, each once. */
function rulesIn(text: string): Rule[] {
  const rules = new Map<string, Rule>();
  for (const [, word = '', said = ''] of text.matchAll(rulePattern)) {
    const answer = said.trim().replace(/\.$/, '');
    rules.set(`${word.toLowerCase()} ${answer}`, { word: word.trim(), answer });
  }
  return [...rules.values()];
}

/** What the request wants: the outputs by name, and whether in sections, in elements or as JSON; no names: a plain text. */
type Wanted = { names: string[]; form: 'sections' | 'elements' | 'json' | 'text' };

function wantedOf(body: JsonObject, last: string): Wanted {
  const reminder = /Respond with (?:the corresponding output fields|a JSON object)[\s\S]*$/.exec(last)?.[0] ?? '';
  const sections = [...reminder.matchAll(/\[\[ ## (\w+) ## \]\]/g)].flatMap(([, name = '']) =>
    name === 'completed' ? [] : [name],
  );
  if (sections.length > 0) return { names: sections, form: 'sections' };
  const elements = [...reminder.matchAll(/`<(\w+)>`/g)].map(([, name = '']) => name);
  if (elements.length > 0) return { names: elements, form: 'elements' };
  const format = isJsonObject(body.response_format) ? body.response_format : {};
  const { schema } = isJsonObject(format.json_schema) ? format.json_schema : {};
  const properties = isJsonObject(schema) && isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
  const named = [...reminder.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  const names = properties.length > 0 ? properties : named;
  return names.length > 0 ? { names, form: 'json' } : { names: [], form: 'text' };
}

const write = ({ names, form }: Wanted, values: (name: string, isLast: boolean) => string): string => {
  const fields = names.map((name, i) => [name, values(name, i === names.length - 1)] as const);
  if (form === 'text') return values('answer', true);
  if (form === 'json') return JSON.stringify(Object.fromEntries(fields));
  if (form === 'elements') return fields.map(([name, text]) => `<${name}>\n${text}\n</${name}>`).join('\n\n');
  return `${fields.map(([name, text]) => `[[ ## ${name} ## ]]\n${text}`).join('\n\n')}\n\n[[ ## completed ## ]]`;
};

/** What a demonstration answers: its last field, or all of it. */
function answerOf(text: string): string {
  const sections = text.split(/\[\[ ## (\w+) ## \]\]/).slice(1);
  for (let i = sections.length - 2; i >= 0; i -= 2)
    if (sections[i] !== 'completed') return (sections[i + 1] ?? '').trim();
  const [, element] = /<(?:\w+)>\n([^<]*)\n<\/\w+>\s*$/.exec(text) ?? [];
  if (element !== undefined) return element.trim();
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? String(Object.values(value).at(-1) ?? '') : text.trim();
  } catch {
    return text.trim();
  }
}

/** What is asked, without how to answer. */
const questionOf = (text: string) =>
  text.replace(/Respond with (?:the corresponding output fields|a JSON object)[\s\S]*$/, '').trim();
const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);

/**
 * What the demonstrations say of a question: every word that they share with it speaks for their answers, the louder the
 * fewer answers it goes with.
 */
function shownAnswer(question: string, demos: readonly { question: string; answer: string }[]): string | null {
  const known = demos.map((demo) => ({ words: wordsOf(demo.question), answer: demo.answer }));
  const everyAnswer = new Set(demos.map(({ answer }) => answer)).size;
  const votes = new Map<string, number>();
  for (const word of wordsOf(question)) {
    const answers = known.filter(({ words }) => words.has(word)).map(({ answer }) => answer);
    const different = new Set(answers);
    // A word that stands with every answer there is says nothing.
    if (different.size > 1 && different.size === everyAnswer) continue;
    for (const answer of different) votes.set(answer, (votes.get(answer) ?? 0) + 1 / (different.size * answers.length));
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** The answers that it may give, as far as the request says them. */
function choicesIn(system: string): string[] {
  const [, listed] = /must exactly match \(no extra characters\) one of: ([^\n"]+)/.exec(system) ?? [];
  return listed === undefined ? [] : listed.split('; ').map((choice) => choice.trim());
}

function demosIn(turns: readonly SimMessage[]): { question: string; answer: string }[] {
  return turns.flatMap((turn, i) => {
    const next = turns[i + 1];
    if (turn.role !== 'user' || next?.role !== 'assistant') return [];
    return [{ question: questionOf(turn.text), answer: answerOf(next.text) }];
  });
}

/** Writes new instructions: the old ones, and each rule that it came upon anywhere and noticed. */
function advise(wanted: Wanted, text: string, { insight }: SimSettings, draw: () => number): string {
  const noticed = rulesIn(text).filter(() => draw() < insight);
  const instructions = [
    'Answer with one of the labels.',
    ...noticed.map((r) => `If asked about ${r.word}, answer: ${r.answer}`),
  ];
  const said = instructions.join('\n');
  if (wanted.form === 'text') return `\`\`\`\n${said}\n\`\`\``;
  return write(wanted, (_, isLast) => (isLast ? said : 'The rules that the feedback gives.'));
}

/**
 * A model that knows nothing but what it is told: it follows the rules of its instructions and what demonstrations show, as
 * often as its settings say and the less often the harder the question is; else it guesses among the answers that it may
 * give. Asked for instructions, it writes down the rules that it comes upon. It answers in the form that is asked for.
 * Another `seed` in the request is another sample.
 */
export function studentAnswer(body: JsonObject, messages: readonly SimMessage[], settings: SimSettings): string {
  const draw = uniformFrom(seedOf([settings.seed, body.seed ?? null, body.messages ?? null]));
  const last = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const wanted = wantedOf(body, last);
  const all = messages.map(({ text }) => text).join('\n');
  const isAdvice =
    /instruction/.test(wanted.names.at(-1) ?? '') || (wanted.form === 'text' && /new instruction/i.test(last));
  if (isAdvice) return advise(wanted, all, settings, draw);
  const question = questionOf(last);
  const system = messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ text }) => text)
    .join('\n');
  const rules = rulesIn(system);
  const rule = rules.findLast(({ word }) => question.toLowerCase().includes(word.toLowerCase()));
  const demos = demosIn(messages);
  // Of the question alone, so that the same ones are hard whatever the instructions are.
  const ease = 1 - settings.difficulty * uniformFrom(seedOf(question))();
  const follows = (often: number) => draw() < often * ease;
  const told = rule && follows(settings.ruleFollowing) ? rule.answer : null;
  const shown = told === null && follows(settings.demonstrationFollowing) ? shownAnswer(question, demos) : null;
  const listed = choicesIn(system);
  const choices = listed.length > 0 ? listed : [...new Set([...rules, ...demos].map(({ answer }) => answer))];
  const guess = choices[Math.floor(draw() * choices.length)] ?? 'I do not know';
  const why = told !== null ? `The rule about ${rule?.word}.` : shown === null ? 'A guess.' : 'As the examples show.';
  return write(wanted, (_, isLast) => (isLast ? (told ?? shown ?? guess) : why));
}

const seedOf = (value: Json): number => Number.parseInt(contentHash(value).slice(0, 8), 16) | 0;
