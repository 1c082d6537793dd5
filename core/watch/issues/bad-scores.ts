import type { BadScoreRule, Score, SeenScore } from '../../records/index.ts';

/** Truths that say that something is bad. */
export const badWhenTrue = ['regenerated', 'rephrased', 'escalated'] as const;
const bad: ReadonlySet<string> = new Set(badWhenTrue);
/** Of numbers from 0 to 1, of which more is better, those below are bad. */
export const badBelow = 0.5;

type Judged = Pick<Score, 'name' | 'value' | 'source'>;

/** What nobody said. What a client's own number means is not known. */
function isBadByDefault({ name, value, source }: Judged): boolean {
  if (typeof value === 'boolean') return value === bad.has(name);
  return typeof value === 'number' && source !== 'api' && !bad.has(name) && value >= 0 && value < badBelow;
}

function isBadBy(rule: BadScoreRule, value: Score['value']): boolean {
  switch (rule.bad) {
    case 'below':
      return typeof value === 'number' && value < rule.value;
    case 'above':
      return typeof value === 'number' && value > rule.value;
    case 'true':
      return value === true;
    case 'false':
      return value === false;
    case 'one_of':
      return typeof value === 'string' && rule.values.includes(value);
    case 'never':
      return false;
  }
}

/** What projects say of their scores, by name. */
export type BadScoreRules = ReadonlyMap<string, BadScoreRule>;

/** Whether a score says that something is bad: as the project says for its name, or else as is usual. */
export function isBadScore(score: Judged, rules: BadScoreRules): boolean {
  const rule = rules.get(score.name);
  return rule === undefined ? isBadByDefault(score) : isBadBy(rule, score.value);
}

const badWord = /^(?:bad|poor|wrong|incorrect|fail(?:ed)?|no|false|negative|unhelpful|unsafe|toxic|thumbs[ _-]?down)$/i;

/** What is bad of scores of the name unless somebody says otherwise; null: nothing is. */
export function usualRule({ name, truths, judgedNumbers }: SeenScore): BadScoreRule | null {
  if (bad.has(name)) return { bad: 'true' };
  if (judgedNumbers > 0) return { bad: 'below', value: badBelow };
  return truths > 0 ? { bad: 'false' } : null;
}

/** Scales that are known, the narrowest first: from, to, and below what a value is bad. */
const scales = [
  { least: 0, most: 1, below: badBelow },
  { least: 1, most: 5, below: 3 },
  { least: 0, most: 10, below: 5 },
  { least: 0, most: 100, below: 50 },
];

/**
 * What somebody may want to say of scores whose values are not judged: numbers on a scale that many use, of which more is
 * taken to be better, and words that say it themselves. null: nothing can be told.
 */
export function suggestedRule(seen: SeenScore): BadScoreRule | null {
  const { least, most, labels } = seen;
  const values = labels.filter((label) => badWord.test(label));
  if (values.length > 0) return { bad: 'one_of', values };
  if (usualRule(seen) !== null || least === null || most === null) return null;
  const scale = scales.find((one) => least >= one.least && most <= one.most);
  return scale === undefined ? null : { bad: 'below', value: scale.below };
}
