import type { CompileDeps, Metric, Row } from '@wheelhouse/core/optimize';
import { type Module, type ProgramWorld, predict, signature } from '@wheelhouse/core/program';
import type { JsonObject } from '@wheelhouse/core/records';
import { ruleWorld } from '@wheelhouse/core/sim';
import { simProgramWorld } from './program-world.ts';
import { fakeScoringWorld } from './scoring-world.ts';

type Question = { question: string };
type Label = { label: string };

export type RuleTask = {
  program: Module<Question, Label>;
  train: Row<Question>[];
  validation: Row<Question>[];
  heldOut: Row<Question>[];
  /** Right or wrong; what is wrong gets the rule as its feedback. */
  metric: Metric<Question, Label>;
  rules: string[];
  deps: CompileDeps & { world: ReturnType<typeof simProgramWorld> };
  /** The world's; by it texts that share words are near each other. */
  embedder: NonNullable<ProgramWorld['embedder']>;
};

/** A rule world as a task for the compiler, with the simulated student to do it; no clock runs in it. */
export function ruleTask({
  seed,
  rules = 8,
  labels = 4,
  train = 40,
  validation = 40,
  heldOut = 60,
  sim = {},
}: {
  seed: number;
  rules?: number;
  labels?: number;
  train?: number;
  validation?: number;
  heldOut?: number;
  sim?: JsonObject;
}): RuleTask {
  const embedder = { embedder: fakeScoringWorld().embedder, model: 'sim/embed' };
  const made = ruleWorld({ seed, rules, labels, rows: train + validation + heldOut });
  const ruleOf = new Map(made.rows.map(({ input, rule }) => [input.question, rule]));
  const rows = made.rows.map(({ input, expected }) => ({ input, expected }));
  const choices = made.labels.map((label) => `'${label}'`).join(', ');
  return {
    program: predict(signature(`question -> label: Literal[${choices}]` as string)) as unknown as Module<
      Question,
      Label
    >,
    train: rows.slice(0, train),
    validation: rows.slice(train, train + validation),
    heldOut: rows.slice(train + validation),
    metric: ({ input, expected, output }) => {
      const isRight = output.label === (expected as Label).label;
      return { score: isRight ? 1 : 0, feedback: isRight ? 'Right.' : `Wrong. ${ruleOf.get(input.question)}.` };
    },
    rules: made.rules,
    deps: { world: simProgramWorld(sim, { embedder }), clock: { now: () => 0n } },
    embedder,
  };
}
