import { type Client, type ReviewQueueBody, type ShownReviewItemBody, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Keys, readKeys } from '../read-keys.ts';

type Field = ReviewQueueBody['form'][number];
type Answer = string | number | boolean;
/** What somebody wants in the place of an answer. */
type Wish = 'skip' | 'undo' | 'quit' | 'stop';
type Said = { answer: Answer | null } | { wish: Wish };

const enter = new Set(['\r', '\n']);
const backspace = new Set(['\u007f', '\b']);
const escapeKey = '\u001b';
const interrupt = '\u0003';

const wishes: Record<string, Wish> = { s: 'skip', u: 'undo', q: 'quit', [interrupt]: 'stop' };

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** Nothing that an answer of a model holds may steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const plain = (text: string) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');

const nameOf = (model: string | null) => (model === null ? '' : `, ${model}`);

function show(item: ShownReviewItemBody, { out, outStyle: { bold, dim } }: Terminal): void {
  const part = (title: string, value: unknown) => {
    if (value === null) return;
    const lines = plain(textOf(value).replaceAll('\r\n', '\n')).split('\n');
    out(`  ${dim(title)}\n${lines.map((line) => `    ${line}`).join('\n')}\n`);
  };
  const model = item.other === null && item.model !== null ? `  ${item.model}` : '';
  out(`\n  ${bold(`#${item.number}`)}${model}  ${item.reason ?? ''}\n`);
  if (item.gone) out('  It shows nothing: what it points at is gone, or had no input. Skip it.\n');
  part('input', item.input);
  part(item.other === null ? 'output' : `left${nameOf(item.model)}`, item.output);
  if (item.other !== null) part(`right${nameOf(item.other.model)}`, item.other.output);
  part('expected', item.expected);
  for (const { rater, skipped, answers, comment } of item.labels)
    if (!skipped) part(`${rater} said`, `${JSON.stringify(answers)}${comment === null ? '' : `  ${comment}`}`);
}

/** What a key means for a field; undefined: nothing. */
function choiceOf(field: Field, key: string): Answer | undefined {
  if (field.kind === 'boolean') return { y: true, n: false }[key];
  if (field.kind === 'choice') return field.options[Number(key) - 1]?.value;
  if (field.kind === 'preference') return { l: 'left', '=': 'same', r: 'right' }[key];
  const digit = /^\d$/.test(key) ? Number(key) : Number.NaN;
  return field.kind === 'number' && digit >= field.low && digit <= field.high ? digit : undefined;
}

const isTyped = (field: Field) =>
  field.kind === 'text' ||
  field.kind === 'correction' ||
  (field.kind === 'number' && (field.low < 0 || field.high > 9)) ||
  (field.kind === 'choice' && field.options.length > 9);

function hintOf(field: Field): string {
  if (field.kind === 'boolean') return 'y n';
  if (field.kind === 'preference') return 'l left · = the same · r right';
  if (field.kind === 'choice') return field.options.map(({ value }, i) => `${i + 1} ${value}`).join(' · ');
  return field.kind === 'number' ? `${field.low} to ${field.high}` : '';
}

/** A line that was typed; Enter alone leaves out what may be left out. */
async function typed(field: Field, keys: Keys, { err }: Terminal): Promise<Said> {
  let text = '';
  for (;;) {
    const key = await keys.next();
    if (key === null || key === interrupt) return { wish: 'stop' };
    if (key === escapeKey) return { wish: 'skip' };
    if (backspace.has(key)) {
      if (text !== '') err('\b \b');
      text = [...text].slice(0, -1).join('');
    } else if (enter.has(key)) {
      err('\n');
      if (text === '' && !field.required) return { answer: null };
      if (text !== '') return { answer: field.kind === 'number' ? Number(text) : chosen(field, text) };
    } else if (key >= ' ' && !key.startsWith(escapeKey)) {
      text += key;
      err(key);
    }
  }
}

/** Where there are more options than digits, their number is typed. */
const chosen = (field: Field, text: string): Answer =>
  field.kind === 'choice' ? (field.options[Number(text) - 1]?.value ?? text) : text;

async function pressed(field: Field, keys: Keys, { err }: Terminal): Promise<Said> {
  for (;;) {
    const key = await keys.next();
    if (key === null) return { wish: 'stop' };
    const answer = choiceOf(field, key);
    const wish = wishes[key];
    const isLeftOut = enter.has(key) && !field.required;
    if (answer === undefined && wish === undefined && !isLeftOut) continue;
    err(`${answer ?? wish ?? '–'}\n`);
    return answer === undefined && wish !== undefined ? { wish } : { answer: answer ?? null };
  }
}

type Session = { client: Client; name: string; decide: boolean; keys: Keys; terminal: Terminal };

async function ask({ decide, keys, terminal }: Session, form: Field[]): Promise<Record<string, Answer> | Wish> {
  const answers: Record<string, Answer> = {};
  for (const field of form) {
    const isText = isTyped(field);
    const hints = [hintOf(field), field.required ? '' : 'Enter leaves it out'];
    if (decide) hints.push(isText ? 'Esc quits' : 'q quit');
    else hints.push(...(isText ? ['Esc skips the item'] : ['s skip', 'u undo', 'q quit']));
    terminal.err(`  ${field.label}  ${terminal.errStyle.dim(hints.filter(Boolean).join(' · '))} `);
    const said = await (isText ? typed : pressed)(field, keys, terminal);
    if ('wish' in said) return said.wish;
    if (said.answer !== null) answers[field.name] = said.answer;
  }
  return answers;
}

async function labelOne(
  session: Session,
  { item, queue }: { item: ShownReviewItemBody; queue: ReviewQueueBody },
): Promise<Wish | 'labelled' | 'again'> {
  const { client, name, decide, terminal } = session;
  show(item, terminal);
  const said = await ask(session, queue.form);
  const params = { queue: name, item: String(item.number) };
  if (said === 'skip' && !decide) await client.call('labelReviewItem', { params, body: { skip: true } });
  if (typeof said === 'string') return said;
  try {
    if (decide) await client.call('decideReviewItem', { params, body: { answers: said } });
    else await client.call('labelReviewItem', { params, body: { answers: said } });
    return 'labelled';
  } catch (error) {
    if (!(error instanceof WheelhouseApiError) || error.code !== 'invalid_request') throw error;
    terminal.err(`  ${error.message}\n`);
    return 'again';
  }
}

/** Items one after another, until there are none or somebody has enough. */
async function labelAll(session: Session): Promise<ExitCode> {
  const { client, name, decide, terminal } = session;
  const done: { number: number; isLabel: boolean }[] = [];
  for (;;) {
    const taken = await client.call('takeReviewItem', {
      ...{ params: { queue: name }, body: { of: decide ? 'disputed' : 'open' } },
    });
    const { item, queue } = taken;
    const count = `${done.filter(({ isLabel }) => isLabel).length} labelled`;
    if (item === null) {
      terminal.out(`\n  Nothing is left for you: ${count}.\n`);
      return exitCodes.done;
    }
    const end = await labelOne(session, { item, queue });
    if (end === 'again') continue;
    if (end === 'labelled' || (end === 'skip' && !decide))
      done.push({ number: item.number, isLabel: end === 'labelled' });
    else if (end === 'undo' && !decide) {
      const last = done.pop();
      if (last === undefined) terminal.err('  There is nothing to take back.\n');
      else await client.call('undoReviewLabel', { params: { queue: name, item: String(last.number) } });
    } else {
      terminal.out(`\n  ${count}, ${queue.items.open} open.\n`);
      return end === 'stop' ? exitCodes.stopped : exitCodes.done;
    }
  }
}

export async function labelItems(
  name: string,
  { decide }: { decide?: boolean },
  { config, terminal }: { config: Config; terminal: Terminal },
): Promise<ExitCode> {
  const client = openClient(config);
  const queue = await client.call('getReviewQueue', { params: { queue: name } });
  if (queue.instructions !== '') terminal.out(`\n  ${plain(queue.instructions)}\n`);
  const keys = readKeys();
  try {
    return await labelAll({ client, name, decide: decide === true, keys, terminal });
  } finally {
    keys.close();
  }
}
