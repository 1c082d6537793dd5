import type { BadScoreBody, RequestBody } from '@wheelhouse/sdk';

type Rule = RequestBody<'setBadScore'>['rule'];

/** What is bad of a score, as a form has it. */
export type BadDraft = { bad: Rule['bad'] | 'usual'; value: string; values: string };

export const badChoices: { value: BadDraft['bad']; label: string }[] = [
  { value: 'usual', label: 'as usual' },
  { value: 'below', label: 'a number below' },
  { value: 'above', label: 'a number above' },
  { value: 'false', label: 'false' },
  { value: 'true', label: 'true' },
  { value: 'one_of', label: 'one of these texts' },
  { value: 'never', label: 'nothing' },
];

/** In words: `below 3`. */
export function badText(rule: Rule | null): string {
  if (rule === null || rule.bad === 'never') return 'nothing';
  if (rule.bad === 'below' || rule.bad === 'above') return `${rule.bad} ${rule.value}`;
  return rule.bad === 'one_of' ? rule.values.join(' or ') : rule.bad;
}

/** As it is said now; where nobody said anything, with what is suggested filled in. */
export function badDraftOf({ rule, suggested, usual }: BadScoreBody): BadDraft {
  const from = rule ?? suggested;
  const filled = from ?? usual;
  return {
    bad: from?.bad ?? 'usual',
    value: filled !== null && 'value' in filled ? String(filled.value) : '',
    values: filled !== null && 'values' in filled ? filled.values.join('\n') : '',
  };
}

/** null: it cannot be read, or is as usual. */
export function badRule({ bad, value, values }: BadDraft): Rule | null {
  if (bad === 'usual') return null;
  if (bad === 'below' || bad === 'above') {
    const number = Number(value);
    return value.trim() === '' || !Number.isFinite(number) ? null : { bad, value: number };
  }
  if (bad !== 'one_of') return { bad };
  const texts = values.split('\n').flatMap((one) => one.trim() || []);
  return texts.length === 0 ? null : { bad, values: texts };
}
