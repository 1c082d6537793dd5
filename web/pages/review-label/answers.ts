import type { ReviewField } from '../../data/review-queries.ts';

export type Answer = string | number | boolean;
export type Answers = Record<string, Answer>;

/** What one press chooses. */
export type Option = { value: Answer; text: string };

/** From 0 to 1 people mean what lies between, too. */
const fewestSteps = 2;
const mostSteps = 10;

/** What a field offers to choose from; null: its answer is typed. */
export function optionsOf(field: ReviewField): Option[] | null {
  switch (field.kind) {
    case 'boolean':
      return [
        { value: true, text: '✓ yes' },
        { value: false, text: '✕ no' },
      ];
    case 'choice':
      return field.options.map(({ value }) => ({ value, text: value }));
    case 'preference':
      return [
        { value: 'left', text: '← left' },
        { value: 'same', text: '= the same' },
        { value: 'right', text: 'right →' },
      ];
    case 'number': {
      const { low, high } = field;
      const isWhole = Number.isInteger(low) && Number.isInteger(high);
      if (!isWhole || high - low < fewestSteps || high - low >= mostSteps) return null;
      return Array.from({ length: high - low + 1 }, (_, i) => ({ value: low + i, text: String(low + i) }));
    }
    default:
      return null;
  }
}

/** The digit that chooses an option: its own where options are digits, else its place. */
export function digitOf(field: ReviewField, option: Option, place: number): string | null {
  if (field.kind === 'number') {
    const isDigit = typeof option.value === 'number' && option.value >= 0 && option.value <= 9;
    return isDigit ? String(option.value) : null;
  }
  return place < 9 ? String(place + 1) : null;
}

/** What a digit means for a field; undefined: nothing. */
export function chosenBy(field: ReviewField, digit: string): Answer | undefined {
  return optionsOf(field)?.find((option, i) => digitOf(field, option, i) === digit)?.value;
}

/** The field that the next press is for: the first behind this one, or before it, that is chosen and has no answer yet. */
export function nextField(form: readonly ReviewField[], answers: Answers, from: number): number | null {
  const order = form.map((_, i) => (from + 1 + i) % form.length);
  const next = order.find((i) => {
    const field = form[i];
    return field && optionsOf(field) !== null && answers[field.name] === undefined;
  });
  return next ?? null;
}

/** The first field that must be answered and is not. */
export const missingField = (form: readonly ReviewField[], answers: Answers): ReviewField | undefined =>
  form.find(({ name, required }) => required && answers[name] === undefined);

/** What is sent: a correction that says what was said corrects nothing. */
export function answersToSend(form: readonly ReviewField[], answers: Answers, output: string): Answers {
  const kept = form.flatMap(({ kind, name }): [string, Answer][] => {
    const answer = answers[name];
    const isSame = kind === 'correction' && answer === output;
    return answer === undefined || answer === '' || isSame ? [] : [[name, answer]];
  });
  return Object.fromEntries(kept);
}
