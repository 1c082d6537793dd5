import { overlay, predict, signature } from '../../program/index.ts';
import type { Bench } from '../bench.ts';
import { describePredictor } from '../describe-program.ts';
import { instructionsOf, unfenced } from '../mipro/grounded-instructions.ts';
import type { Optimizer } from '../optimizer.ts';

const propose = predict(
  signature('module, current_instruction -> proposed_instruction', {
    instructions:
      'A language model carries out this module by the current instruction. Write an instruction by which it does that better. Be bold. Give nothing but the instruction.',
  }),
);
const proposeFromAttempts = predict(
  signature('module, attempts: list[str] -> proposed_instruction', {
    instructions:
      'A language model carries out this module by an instruction. You see instructions that were tried and what each scored, the best last. Write a new one that scores higher still. Give nothing but the instruction.',
  }),
);

type Attempt = { text: string; score: number };
const shownAttempts = 10;

export type CoproOptions = {
  /** How many instructions of a predictor are tried in a round. */
  breadth?: number;
  /** Rounds. */
  depth?: number;
  temperature?: number;
};

/** New instructions that were not tried; in later rounds of what the best of those that were scored, the best last. */
async function written(
  bench: Bench,
  path: string,
  {
    attempts,
    count,
    round,
    temperature,
  }: { attempts: readonly Attempt[]; count: number; round: number; temperature: number },
): Promise<string[]> {
  const of = bench.predictors.get(path);
  if (!of) return [];
  const module = describePredictor(path, of);
  const ranked = [...attempts].sort((a, b) => b.score - a.score).slice(0, shownAttempts);
  const shown = ranked.reverse().map(({ text, score }) => `Score ${(score * 100).toFixed(1)}:\n${text}`);
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const rollout = round * count + i;
    const said =
      round === 0
        ? await bench.write(
            propose,
            { module, current_instruction: instructionsOf(bench.base, path) },
            { rollout, temperature },
          )
        : await bench.write(proposeFromAttempts, { module, attempts: shown }, { rollout, temperature });
    const text = unfenced(String(said?.proposed_instruction ?? ''));
    if (text !== '' && !found.includes(text) && attempts.every((one) => one.text !== text)) found.push(text);
  }
  return found;
}

/**
 * Lets a model write instructions, one predictor after the other, keeps the best of each, and shows it in the next round what
 * earlier ones scored (COPRO, as DSPy has it). Prefixes of fields are not tuned: no form of messages shows them.
 */
export function copro({ breadth = 10, depth = 3, temperature = 1.4 }: CoproOptions = {}): Optimizer {
  return {
    name: 'copro',
    options: { breadth, depth, temperature },
    async search(bench) {
      const rows = bench.validation ?? bench.train;
      let current = bench.base;
      const attempts = new Map<string, Attempt[]>([...bench.predictors.keys()].map((path) => [path, []]));
      for (let round = 0; round < depth; round++)
        for (const [path, tried] of attempts) {
          const count = round === 0 ? breadth - 1 : breadth;
          const texts = await written(bench, path, { attempts: tried, count, round, temperature });
          for (const text of round === 0 ? [instructionsOf(bench.base, path), ...texts] : texts) {
            const candidate = overlay(current, { [path]: { instructions: text } });
            await bench.consider(candidate, { by: 'instruction', parents: [current] });
            const { score } = await bench.evaluate(candidate, rows);
            bench.offer(candidate, score);
            tried.push({ text, score });
          }
          const [best] = [...tried].sort((a, b) => b.score - a.score);
          if (best) current = overlay(current, { [path]: { instructions: best.text } });
        }
      return undefined;
    },
  };
}
