import { ruleWorld } from '@wheelhouse/core/sim';
import type { SampleFile } from '../write-sample.ts';

const teams = ['billing', 'shipping', 'repairs', 'sales'] as const;

/** A world of its own words: nobody can do it who was not told its rules. */
function rows() {
  const made = ruleWorld({ seed: 5, rules: 8, labels: teams.length, rows: 200 });
  const named = (text: string) => text.replace(/class-(\d)/, (_, n: string) => teams[Number(n) - 1] ?? '');
  return made.rows.map(({ input, expected, rule }, at) => ({
    ...{ input, expected: { team: named(expected.label) }, metadata: { rule: named(rule) } },
    split: at < 60 ? 'train' : at < 100 ? 'validation' : 'test',
  }));
}

const code = (name: string) => `import { defineOptimization, gepa, predict } from '@wheelhouse/sdk/program';
import rows from './${name}.rows.json';

// Which team answers a question: nothing says which products are whose, so at first the model can only guess. What the
// metric says of each mistake is what new instructions are written from. \`sim/student\` is a simulated model that does what
// it is told, so this runs without any vendor's key; put a real one in its place, such as 'openai/gpt-4o-mini'.

export default defineOptimization({
  name: '${name}',
  program: predict("question -> team: Literal['billing', 'shipping', 'repairs', 'sales']"),
  model: 'sim/student',
  // Rows of the split \`validation\` are what candidates are chosen by; those of \`test\` no search sees: they are for the
  // comparison at the end.
  data: { rows },
  metric: ({ output, expected, metadata }) => {
    const isRight = output.team === (expected as { team: string }).team;
    return { score: isRight ? 1 : 0, feedback: isRight ? 'Right.' : \`Wrong. \${metadata.rule}\` };
  },
  optimizer: gepa(),
  // Or dollars, or minutes.
  budget: { calls: 1500 },
});
`;

/** An optimization that works as it is, without a key: the file and its rows. */
export const optimizationFiles = (name: string): SampleFile[] => [
  { file: `${name}.program.ts`, text: code(name) },
  {
    file: `${name}.rows.json`,
    text: `[\n${rows()
      .map((row) => `  ${JSON.stringify(row)}`)
      .join(',\n')}\n]\n`,
  },
];
