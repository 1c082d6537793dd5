import type { SampleFile } from '../write-sample.ts';

const goods = ['shirt', 'kettle', 'lamp', 'backpack', 'keyboard'] as const;
const questions: [topic: string, asks: (good: string) => string][] = [
  ['refund', (good) => `I want my money back for the ${good}.`],
  ['refund', (good) => `The ${good} came broken. Can I return it?`],
  ['shipping', (good) => `Where is my ${good}? I ordered it a week ago.`],
  ['shipping', (good) => `When will the ${good} arrive?`],
  ['invoice', (good) => `Please send me the bill for the ${good}.`],
  ['invoice', (good) => `I need a receipt for the ${good} for my company.`],
  ['other', (good) => `Does the ${good} come in blue?`],
  ['other', (good) => `Is the ${good} suitable for children?`],
];

const rows = goods.flatMap((good) => questions.map(([expected, asks]) => ({ input: asks(good), expected })));

const code = (name: string) => `import { defineEvaluation } from '@wheelhouse/sdk/eval';
import rows from './${name}.rows.json';

// Two ways to sort customers' questions by topic. They are functions, so this runs without any vendor's key.
// Put models beside them, or in their place, by their names: 'openai/gpt-4o-mini', 'support-bot@production'.

const words: Record<string, RegExp> = {
  refund: /money back|refund/i,
  shipping: /where is|arrive/i,
  invoice: /\\bbill\\b|invoice/i,
};
const moreWords: Record<string, RegExp> = {
  refund: /money back|refund|return|broken/i,
  shipping: /where is|arrive|deliver/i,
  invoice: /\\bbill\\b|invoice|receipt/i,
};

const topicOf = (input: unknown, known: Record<string, RegExp>) =>
  Object.keys(known).find((topic) => known[topic]?.test(String(input))) ?? 'other';

export default defineEvaluation({
  name: '${name}',
  data: { rows },
  // The first is what the others are compared with.
  runs: [
    { label: 'few words', run: (input) => topicOf(input, words) },
    { label: 'more words', run: (input) => topicOf(input, moreWords) },
  ],
  scorers: [
    'exact',
    { name: 'one word', score: ({ output }) => !output.includes(' ') },
  ],
  gates: ['exact >= baseline - 5pp'],
});
`;

/** An evaluation that works as it is, without a key: the file and its rows. */
export const sampleFiles = (name: string): SampleFile[] => [
  { file: `${name}.eval.ts`, text: code(name) },
  { file: `${name}.rows.json`, text: `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n` },
];
