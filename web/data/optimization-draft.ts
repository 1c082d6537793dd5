import type { RequestBody } from '@wheelhouse/sdk';
import { linesOf } from './evaluation-draft.ts';

type Body = RequestBody<'createOptimization'>;
type Option = { key: string; label: string } & (
  | { kind: 'count'; usual: number; least: 0 | 1; most: number }
  | { kind: 'effort' }
  | { kind: 'yes' }
);

const count = (key: string, label: string, usual: number, bounds: { least: 0 | 1; most: number }): Option => ({
  ...{ key, label, kind: 'count' as const, usual },
  ...bounds,
});
const demos = { least: 0, most: 64 } as const;
const shown = count('maxBootstrapped', 'Demonstrations of runs', 4, demos);
const labelled = count('maxLabeled', 'Demonstrations in all', 16, demos);
const effort: Option = { key: 'effort', label: 'Effort', kind: 'effort' };

/** Which optimizers there are, what each is for, and the few things that it is told. */
export const optimizerChoices = [
  {
    name: 'random-search',
    text: 'Demonstrations, the best of many drawn sets. Begin with it where rows have labels.',
    options: [count('candidates', 'Sets to try', 16, { least: 1, most: 200 }), shown, labelled],
  },
  {
    name: 'gepa',
    text: 'Instructions, rewritten from what went wrong. Best where a scorer says why.',
    options: [effort],
  },
  {
    name: 'mipro',
    text: 'Instructions and demonstrations, tried in the combinations that look best.',
    options: [effort, { key: 'demos', label: 'Demonstrations too', kind: 'yes' }],
  },
  {
    name: 'bootstrap-few-shot',
    text: 'Demonstrations of runs that scored well; a few calls.',
    options: [shown, labelled],
  },
  {
    name: 'labeled-few-shot',
    text: 'Labelled rows as demonstrations; no calls.',
    options: [count('k', 'How many', 16, demos)],
  },
  {
    name: 'copro',
    text: 'Instructions, written in rounds that see what was tried.',
    options: [
      count('breadth', 'A round', 10, { least: 1, most: 50 }),
      count('depth', 'Rounds', 3, { least: 1, most: 50 }),
    ],
  },
  {
    name: 'simba',
    text: 'Rules and demonstrations from where its own answers differ.',
    options: [
      count('steps', 'Steps', 8, { least: 1, most: 100 }),
      count('candidates', 'Candidates a step', 6, { least: 1, most: 50 }),
    ],
  },
] as const satisfies { name: NonNullable<Body['optimizer']>['name']; text: string; options: Option[] }[];

export type OptimizerName = (typeof optimizerChoices)[number]['name'];
export const optionsOf = (name: OptimizerName): readonly Option[] =>
  optimizerChoices.find((one) => one.name === name)?.options ?? [];
export const efforts = ['light', 'medium', 'heavy'] as const;

/** An optimization as its form has it: what is not said is empty. */
export type OptimizationDraft = {
  name: string;
  program: string;
  /** Empty: as the program says. */
  model: string;
  /** Empty: the model. */
  proposer: string;
  dataset: string;
  /** Empty: the head, a changed draft is frozen first. */
  version: string;
  scorers: string[];
  /** Scorers with options, one in a line. */
  more: string;
  optimizer: OptimizerName;
  /** By their keys, for whichever optimizer has them; empty: as usual. */
  options: Record<string, string>;
  dollars: string;
  calls: string;
  minutes: string;
  seed: string;
  concurrency: string;
};

export const newOptimizationDraft: OptimizationDraft = {
  ...{ name: '', program: '', model: '', proposer: '', dataset: '', version: '', scorers: ['exact'], more: '' },
  ...{ optimizer: 'random-search', options: {}, dollars: '', calls: '1000', minutes: '', seed: '0', concurrency: '8' },
};

type Limits = Pick<OptimizationDraft, 'dollars' | 'calls' | 'minutes'>;

/** null while nothing bounds it. */
export function budgetOf({ dollars, calls, minutes }: Limits): Body['budget'] | null {
  if (dollars === '' && calls === '' && minutes === '') return null;
  return {
    ...(dollars === '' ? {} : { dollars }),
    ...(calls === '' ? {} : { calls: Math.max(0, Math.round(Number(calls))) }),
    ...(minutes === '' ? {} : { minutes: Number(minutes) }),
  };
}

function optimizerOf({ optimizer, options }: Pick<OptimizationDraft, 'optimizer' | 'options'>): Body['optimizer'] {
  const told = optionsOf(optimizer).flatMap(({ key, kind }) => {
    const value = options[key] ?? '';
    if (value === '') return [];
    return [[key, kind === 'count' ? Math.round(Number(value)) : kind === 'yes' ? value === 'yes' : value] as const];
  });
  return { name: optimizer, ...Object.fromEntries(told) } as Body['optimizer'];
}

/** What starts it; null while something that it takes is missing. */
export function optimizationBody(draft: OptimizationDraft): Body | null {
  const { name, program, model, proposer, dataset, version } = draft;
  const scorers = [...draft.scorers, ...linesOf(draft.more)];
  const budget = budgetOf(draft);
  if (program === '' || dataset === '' || scorers.length === 0 || budget === null) return null;
  return {
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    program,
    ...(model === '' ? {} : { model }),
    ...(proposer === '' ? {} : { proposer }),
    dataset,
    ...(version === '' ? {} : { version: Number(version) }),
    scorers,
    optimizer: optimizerOf(draft),
    budget,
    seed: Math.round(Number(draft.seed)) || 0,
    concurrency: Math.max(1, Math.round(Number(draft.concurrency)) || 8),
  };
}
