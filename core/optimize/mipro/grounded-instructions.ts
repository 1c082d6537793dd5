import { type Candidate, type Demo, predict, signature } from '../../program/index.ts';
import type { JsonObject } from '../../records/index.ts';
import type { Bench } from '../bench.ts';
import { describePredictor, describeProgram } from '../describe-program.ts';
import { type Draw, pick } from '../draws.ts';
import type { SearchRow } from '../row.ts';

const observe = predict(
  signature('rows: list[str], known: str -> observations', {
    instructions:
      'These are rows of the data that a program works on. Say in a few sentences what is true of many of them: subjects, form, length, kinds of labels, what makes them hard. What is known already stands in `known`; write what these rows add, or only COMPLETE where they add nothing.',
  }),
);
const summarize = predict(
  signature('observations -> summary', {
    instructions: 'Put what was seen in a dataset into two or three sentences.',
  }),
);
const explainProgram = predict(
  signature('program, examples: list[str] -> purpose', {
    instructions: 'Say in two or three sentences what this program of language model calls is for and how it does it.',
  }),
);
const explainModule = predict(
  signature('program, purpose, module -> role', {
    instructions: 'Say in one or two sentences what this module does for the program that it is part of.',
  }),
);
const propose = predict(
  signature(
    'dataset, program, purpose, module, role, examples: list[str], current_instruction, tip -> proposed_instruction',
    {
      instructions:
        'Write a new instruction for the language model that carries out the module. Build on the current one, on what is known of the data and the program, and on the examples. Follow the tip. Give nothing but the instruction.',
    },
  ),
);

const tips = [
  '',
  'Do not be afraid to be creative when writing the instruction.',
  'Keep the instruction clear and concise.',
  'Make the instruction very informative and descriptive.',
  'Put the model in a situation where much depends on the right answer.',
  'Give the model a persona that fits the task, such as "You are a …".',
];

const batchSize = 10;
const mostBatches = 10;
const shownExamples = 3;
const temperature = 1;

const rowText = ({ input, expected }: SearchRow): string => JSON.stringify({ input, expected: expected ?? null });

/** What the rows have in common, from batches of ten until there is nothing to add. */
async function describeData(bench: Bench, rows: readonly SearchRow[]): Promise<string> {
  const seen: string[] = [];
  for (let i = 0; i < mostBatches && i * batchSize < rows.length; i++) {
    const batch = rows.slice(i * batchSize, (i + 1) * batchSize).map(rowText);
    const said = await bench.write(observe, { rows: batch, known: seen.join('\n') }, { rollout: 0, temperature });
    const text = String(said?.observations ?? '').trim();
    if (/^COMPLETE\b/i.test(text)) break;
    if (text !== '') seen.push(text);
  }
  if (seen.length === 0) return '';
  const said = await bench.write(summarize, { observations: seen.join('\n') }, { rollout: 0, temperature });
  return String(said?.summary ?? seen.join('\n'));
}

/** Takes the marks of a block away, in which models like to put what they write. */
export const unfenced = (text: string): string =>
  (/```[a-z]*\n([\s\S]*?)\n?```/.exec(text)?.[1] ?? text.replaceAll('```', '')).trim();

/**
 * Instructions for each predictor, the first its own, grounded in the data, the program and demonstrations (MIPROv2; Opsahl-Ong
 * et al. 2024). Where the model writes nothing of use, there are fewer.
 */
export async function groundedInstructions(
  bench: Bench,
  { count, sets, draw }: { count: number; sets: readonly Record<string, readonly Demo[]>[]; draw: Draw },
): Promise<Map<string, string[]>> {
  const program = describeProgram(bench.predictors);
  const dataset = await describeData(bench, bench.train);
  const examples = bench.train.slice(0, shownExamples).map(rowText);
  const said = await bench.write(explainProgram, { program, examples }, { rollout: 0, temperature });
  const purpose = String(said?.purpose ?? '');
  const found = new Map<string, string[]>();
  for (const [path, of] of bench.predictors) {
    const module = describePredictor(path, of);
    const explained = await bench.write(explainModule, { program, purpose, module }, { rollout: 0, temperature });
    const current = instructionsOf(bench.base, path);
    const made = [current];
    for (let i = 1; i < count; i++) {
      const shown = (sets[i % Math.max(1, sets.length)]?.[path] ?? []).filter(({ augmented }) => augmented);
      const input: JsonObject = {
        ...{ dataset, program, purpose, module, role: String(explained?.role ?? '') },
        examples: shown.slice(0, shownExamples).map(({ values }) => JSON.stringify(values)),
        ...{ current_instruction: current, tip: pick(tips, draw) },
      };
      const written = await bench.write(propose, input, { rollout: i, temperature });
      const text = unfenced(String(written?.proposed_instruction ?? ''));
      if (text !== '' && !made.includes(text)) made.push(text);
    }
    found.set(path, made);
  }
  return found;
}

export const instructionsOf = (candidate: Candidate, path: string): string => candidate[path]?.instructions ?? '';
