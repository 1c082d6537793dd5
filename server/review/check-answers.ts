import { preferences, type ReviewAnswers, type ReviewField, WheelhouseError } from '@wheelhouse/core/records';

/** What is wrong with an answer; null: nothing. */
function misfit(field: ReviewField, answer: ReviewAnswers[string]): string | null {
  switch (field.kind) {
    case 'boolean':
      return typeof answer === 'boolean' ? null : 'takes true or false';
    case 'number':
      return typeof answer === 'number' && answer >= field.low && answer <= field.high
        ? null
        : `takes a number from ${field.low} to ${field.high}`;
    case 'choice':
      return field.options.some(({ value }) => value === answer)
        ? null
        : `takes one of ${field.options.map(({ value }) => value).join(', ')}`;
    case 'preference':
      return preferences.some((one) => one === answer) ? null : `takes one of ${preferences.join(', ')}`;
    default:
      return typeof answer === 'string' && answer !== '' ? null : 'takes a text';
  }
}

/** @throws WheelhouseError `invalid_request` unless the answers are what the form asks for */
export function checkAnswers(form: readonly ReviewField[], answers: ReviewAnswers): void {
  const refuse = (name: string, why: string) =>
    new WheelhouseError('invalid_request', `\`${name}\` ${why}.`, { param: `answers.${name}` });
  for (const [name, answer] of Object.entries(answers)) {
    const field = form.find((one) => one.name === name);
    if (!field) throw refuse(name, 'is no field of this queue');
    const problem = misfit(field, answer);
    if (problem !== null) throw refuse(name, problem);
  }
  const missing = form.find(({ name, required }) => required && answers[name] === undefined);
  if (missing) throw refuse(missing.name, 'has no answer');
}
