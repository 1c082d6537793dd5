import { type FieldInfo, fields, findField, printFilter } from '@wheelhouse/core/query';
import type { TextField } from '@wheelhouse/core/records';

export type Completion = {
  label: string;
  about: string;
  /** Takes the place of the text between `from` and `to`. */
  insert: string;
  from: number;
  to: number;
  /** Whether a condition is whole with it. */
  whole: boolean;
};

/** What may follow where the caret is; `values` is what has been recorded for the field that is being typed. */
export type Known = { values: readonly string[]; scores: readonly string[] };

const most = 12;
const spans = ['15m', '1h', '24h', '7d', '30d'];
const joiners: Partial<Record<FieldInfo['takes'], string>> = { number: '>', score: '.' };

/** The condition around the caret: where it begins, its field once it is typed, and what is typed of the value. */
function conditionAt(text: string, caret: number): { from: number; field: string | null; typed: string } {
  let from = 0;
  let quoted = false;
  for (let i = 0; i < caret; i++) {
    if (text[i] === '"' && text[i - 1] !== '\\') quoted = !quoted;
    if (!quoted && /[\s(]/.test(text[i] ?? '')) from = i + 1;
  }
  if (text[from] === '-') from += 1;
  const typed = text.slice(from, caret);
  const [, field = null] = /^([a-z_]+)(?=[:<>=])/i.exec(typed) ?? [];
  return { from, field, typed };
}

/** The field whose recorded values would help now. */
export function fieldAt(text: string, caret: number): TextField | null {
  const { field } = conditionAt(text, caret);
  const info = field === null ? null : findField(field);
  return info?.takes === 'text' && info.values === null ? (info.name as TextField) : null;
}

function fieldCompletions(typed: string, at: { from: number; to: number }, scores: readonly string[]): Completion[] {
  const wanted = typed.toLowerCase();
  const scored = wanted.startsWith('score.') ? wanted.slice('score.'.length) : null;
  if (scored !== null)
    return scores
      .filter((name) => name.toLowerCase().startsWith(scored))
      .map((name) => {
        const insert = printFilter({ type: 'score', name, op: '<', value: 0 }).slice(0, -2);
        return { label: insert, about: 'A score that was given', insert, ...at, whole: false };
      });
  return fields
    .filter((field) => [field.name, ...field.aliases].some((name) => name.startsWith(wanted)))
    .map((field) => ({
      label: field.name,
      about: `${field.about}: ${field.example}`,
      insert: `${field.name}${joiners[field.takes] ?? ':'}`,
      ...at,
      whole: false,
    }));
}

function valuesOf(info: FieldInfo, known: Known): readonly string[] {
  if (info.values) return info.values;
  if (info.takes === 'duration') return spans;
  if (info.takes === 'field')
    return ['score', ...fields.filter((one) => one.takes === 'text' || one.takes === 'number').map((one) => one.name)];
  return info.takes === 'text' ? known.values : [];
}

/** As the language writes it, with quotes where they are needed. */
const written = (info: FieldInfo, value: string) =>
  info.takes === 'text'
    ? printFilter({ type: 'is', field: info.name as TextField, patterns: [[value]] }).slice(info.name.length + 1)
    : value;

/** What can follow where the caret stands: fields first, then the values of the one that was typed. */
export function completeFilter(text: string, caret: number, known: Known): Completion[] {
  const { from, field, typed } = conditionAt(text, caret);
  if (field === null) return fieldCompletions(typed, { from, to: caret }, known.scores).slice(0, most);
  const info = findField(field);
  if (info === null || !typed.startsWith(`${field}:`)) return [];
  const last = typed.slice(Math.max(field.length, typed.lastIndexOf(',')) + 1);
  const wanted = last.replaceAll('"', '').toLowerCase();
  return valuesOf(info, known)
    .filter((value) => value !== '' && value.toLowerCase().includes(wanted))
    .slice(0, most)
    .map((value) => ({
      label: value,
      about: '',
      insert: written(info, value),
      from: caret - last.length,
      to: caret,
      whole: true,
    }));
}
