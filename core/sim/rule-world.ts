import { uniformFrom } from '../stats/index.ts';

export type RuleWorld = {
  labels: string[];
  /** As instructions say them: `If asked about WORD, answer: LABEL`. */
  rules: string[];
  rows: { input: { question: string }; expected: { label: string }; rule: string }[];
};

const heads = ['Zor', 'Mal', 'Tev', 'Quin', 'Brel', 'Ost', 'Fyn', 'Lud', 'Dak', 'Jun', 'Wex', 'Hap'];
const tails = ['vik', 'dora', 'mint', 'saro', 'lune', 'pell', 'gath', 'rix', 'bonn', 'nesh', 'culo', 'tarm'];
const sentences = [
  'Where do I find my {} from last week?',
  'The {} stopped working after lunch, please help.',
  'Can somebody tell me more about {} and what it costs?',
  'I was told to ask here because of {} again.',
  'We would like two more {} before Friday comes.',
];

/**
 * A task that nobody can do who was not told its rules: questions about made-up words, each of which has a label by a hidden
 * rule. Instructions that say a rule, and demonstrations of its word, let the simulated student answer by it.
 * @param options rules: 1 to 144; labels: at most as many
 */
export function ruleWorld({
  seed,
  rules,
  labels,
  rows,
}: {
  seed: number;
  rules: number;
  labels: number;
  rows: number;
}): RuleWorld {
  const draw = uniformFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)] as T;
  const words = heads.flatMap((head) => tails.map((tail) => `${head}${tail}`));
  for (let i = words.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [words[i], words[j]] = [words[j] as string, words[i] as string];
  }
  const names = Array.from({ length: labels }, (_, i) => `class-${i + 1}`);
  // Each label has a rule, as far as there are enough.
  const known = words
    .slice(0, rules)
    .map((word, i) => ({ word, label: i < labels ? (names[i] as string) : pick(names) }));
  return {
    labels: names,
    rules: known.map(({ word, label }) => `If asked about ${word}, answer: ${label}`),
    rows: Array.from({ length: rows }, (_, i) => {
      const { word, label } = pick(known);
      const question = `${pick(sentences).replace('{}', word)} (case ${i + 1})`;
      return { input: { question }, expected: { label }, rule: `If asked about ${word}, answer: ${label}` };
    }),
  };
}
