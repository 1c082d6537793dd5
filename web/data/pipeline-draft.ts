import type { PipelineBody, RequestBody } from '@wheelhouse/sdk';

type Body = RequestBody<'setPipeline'>;
export type StepKind = NonNullable<Body['steps']>[number]['do'];
export type TriggerKind = NonNullable<Body['triggers']>[number]['on'];
/** A part of a definition as it is sent; what has no field of its own stays as it is. */
export type Part = Record<string, unknown>;
/** A definition that is written, whole or not. */
export type PipelineDraft = Part & { steps: Part[]; triggers: Part[] };

/** How a member of a step or a trigger is written. */
export type FieldSpec = {
  /** Its place: `budget.dollars`. */
  at: string;
  label: string;
  hint?: string;
  as: 'text' | 'number' | 'percent' | 'lines' | 'names' | 'yes' | 'dataset' | { readonly [value: string]: string };
  placeholder?: string;
  required?: boolean;
};

const dataset: FieldSpec = {
  ...{ at: 'dataset', label: 'Dataset', as: 'dataset' },
  hint: 'Empty: of the step before.',
};
const scorers: FieldSpec = { at: 'scorers', label: 'Scorers', as: 'names', placeholder: 'exact, levenshtein' };

/** The members that most pipelines set; all others are in the JSON. */
export const stepFields: Record<StepKind, FieldSpec[]> = {
  dataset: [
    { at: 'dataset', label: 'Dataset', as: 'dataset', required: true },
    { at: 'from', label: 'Made of', as: { draft: 'what is in its draft', recipe: 'its recipe, again' } },
    { at: 'queue', label: 'Review queue', as: 'text', hint: 'What people corrected there goes into the draft.' },
    { at: 'least', label: 'Rows it takes', as: 'number', hint: 'With fewer the run is held back.' },
  ],
  optimize: [
    dataset,
    {
      ...{ at: 'optimizer.name', label: 'Optimizer' },
      as: {
        ...{ 'random-search': 'random search', mipro: 'mipro', gepa: 'gepa', copro: 'copro', simba: 'simba' },
        ...{ 'bootstrap-few-shot': 'bootstrap few shot', 'labeled-few-shot': 'labeled few shot' },
      },
    },
    { at: 'budget.dollars', label: 'Dollars at most', as: 'text', placeholder: '10', required: true },
    scorers,
  ],
  publish: [
    { at: 'alias', label: 'Alias that follows', as: 'text', placeholder: 'staging', hint: 'Empty: none.' },
    { at: 'breaking', label: 'It follows although its callers may fail', as: 'yes' },
  ],
  evaluate: [
    dataset,
    { at: 'rows.split', label: 'Split', as: 'text', placeholder: 'test', hint: 'Empty: all rows.' },
    scorers,
    {
      ...{ at: 'gates', label: 'Gates', as: 'lines', placeholder: 'exact >= baseline - 2pp\nerrors <= 1%' },
      hint: 'One a line; each has to hold.',
    },
    { at: 'repetitions', label: 'Times each row is asked', as: 'number' },
  ],
  approve: [
    { at: 'role', label: 'Who says yes', as: { editor: 'an editor', admin: 'an admin', owner: 'an owner' } },
    { at: 'hours', label: 'Hours it waits', as: 'number', hint: 'No answer by then is a no.' },
    { at: 'note', label: 'What they are to look at', as: 'text' },
  ],
  release: [
    { at: 'share', label: 'Share of the calls, in per cent', as: 'percent' },
    {
      at: 'allocation.floor',
      label: 'It moves down to, in per cent',
      as: 'percent',
      hint: 'By how it does. Empty: it stays.',
    },
    { at: 'allocation.ceiling', label: 'And up to, in per cent', as: 'percent' },
    {
      at: 'sticky',
      label: 'Who stays with one version',
      as: { user: 'each user', session: 'each session', request: 'each request' },
    },
    { at: 'minimum', label: 'Values of each rail', as: 'number', hint: 'Before a promotion.' },
    { at: 'promotesItself', label: 'Promote it by itself when nothing is worse', as: 'yes' },
    { at: 'breaking', label: 'Start it although callers may fail', as: 'yes' },
    { at: 'examples.dataset', label: 'Failed calls become draft examples of', as: 'dataset', hint: 'Empty: none.' },
  ],
};

/** Of what every step of a kind has when it is added. */
const newSteps: Record<StepKind, Part> = {
  dataset: { do: 'dataset', dataset: '' },
  optimize: { do: 'optimize', budget: { dollars: '5' } },
  publish: { do: 'publish' },
  evaluate: { do: 'evaluate', dataset: null, gates: [] },
  approve: { do: 'approve', role: 'admin' },
  release: { do: 'release', share: 0.1 },
};
export const newStep = (kind: StepKind): Part => structuredClone(newSteps[kind]);

export const triggerFields: Record<TriggerKind, FieldSpec[]> = {
  schedule: [{ at: 'cron', label: 'Schedule (UTC)', as: 'text', placeholder: '0 3 * * mon', required: true }],
  alert: [{ at: 'monitor', label: 'Monitor', as: 'text', required: true }],
  labels: [
    { at: 'queue', label: 'Review queue', as: 'text', required: true },
    { at: 'count', label: 'Labels', as: 'number', required: true },
  ],
  rolled_back: [],
  deprecated: [],
};
const newTriggers: Record<TriggerKind, Part> = {
  schedule: { on: 'schedule', cron: '0 3 * * mon' },
  alert: { on: 'alert', monitor: '' },
  labels: { on: 'labels', queue: '', count: 50 },
  rolled_back: { on: 'rolled_back' },
  deprecated: { on: 'deprecated' },
};
export const newTrigger = (kind: TriggerKind): Part => structuredClone(newTriggers[kind]);

export const triggerKinds: { kind: TriggerKind; label: string }[] = [
  { kind: 'schedule', label: 'On a schedule' },
  { kind: 'alert', label: 'When a monitor alerts' },
  { kind: 'labels', label: 'After so many labels' },
  { kind: 'rolled_back', label: 'When a release is rolled back' },
  { kind: 'deprecated', label: 'When its base model is deprecated' },
];

/** The way from rows to a release, for whoever begins with nothing. */
export const firstDraft = (model: string): PipelineDraft => ({
  ...{ model, alias: 'production', triggers: [] },
  steps: [
    newStep('dataset'),
    newStep('optimize'),
    newStep('publish'),
    newStep('evaluate'),
    newStep('approve'),
    newStep('release'),
  ],
});

/** A definition as it is set up, to be written on. */
export const draftOf = (definition: PipelineBody['definition']): PipelineDraft =>
  structuredClone(definition) as unknown as PipelineDraft;

/** The member at a place; undefined: it is not there. */
export const memberAt = (part: Part, at: string): unknown =>
  at.split('.').reduce<unknown>((value, key) => (value as Part | null | undefined)?.[key], part);

/** The part with another member; null takes out what is inside of one that may be left out. */
export function withMember(part: Part, at: string, value: unknown): Part {
  const [key = '', ...rest] = at.split('.');
  if (rest.length === 0) {
    const { [key]: _, ...others } = part;
    return value === undefined ? others : { ...part, [key]: value };
  }
  const inner = (part[key] ?? {}) as Part;
  const next = withMember(inner, rest.join('.'), value ?? undefined);
  return Object.keys(next).length === 0 ? withMember(part, key, undefined) : { ...part, [key]: next };
}

/** A list with two neighbours changed over. */
export function swapped<T>(list: readonly T[], at: number, by: 1 | -1): T[] {
  const next = [...list];
  const [one, other] = [next[at], next[at + by]];
  if (one === undefined || other === undefined) return next;
  next[at] = other;
  next[at + by] = one;
  return next;
}

/** Whether text that was read is a definition to go on with in fields; a sentence says why it is none. */
export function asDraft(value: unknown): PipelineDraft | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'It holds no pipeline.';
  const { steps, triggers = [], name: _, ...rest } = value as Part;
  const isParts = (list: unknown): list is Part[] =>
    Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  if (!isParts(steps)) return '`steps` is a list of steps.';
  if (!isParts(triggers)) return '`triggers` is a list of triggers.';
  return { ...rest, steps, triggers };
}
