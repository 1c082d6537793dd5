import type { PipelineBody, PipelineRunBody } from '@wheelhouse/sdk';
import { plural } from './format.ts';
import { percent } from './release-words.ts';

type Tone = 'good' | 'bad' | 'warn' | 'mute' | 'accent';
type Words = { tone: Tone; glyph: string; text: string };
type Step = PipelineRunBody['steps'][number];
type Trigger = PipelineBody['definition']['triggers'][number];

export const runWords: Record<PipelineRunBody['state'], Words> = {
  running: { tone: 'accent', glyph: '●', text: 'under way' },
  asks: { tone: 'warn', glyph: '?', text: 'asks for a yes' },
  done: { tone: 'good', glyph: '✓', text: 'done' },
  held_back: { tone: 'mute', glyph: '–', text: 'held back' },
  failed: { tone: 'bad', glyph: '✕', text: 'failed' },
  stopped: { tone: 'mute', glyph: '■', text: 'stopped' },
};

export const stepWords: Record<Step['state'], Words> = {
  ...runWords,
  to_do: { tone: 'mute', glyph: '·', text: 'to do' },
};

/** What a step does, for somebody who has not read how pipelines are written. */
export const stepDoes: Record<Step['do'], string> = {
  dataset: 'The next version of a dataset',
  optimize: 'Search for a better program',
  publish: 'Publish what was found',
  evaluate: 'Candidate against the version now',
  approve: 'A person says yes',
  release: 'A share of the alias, watched',
};

export function triggerText(trigger: Trigger): string {
  switch (trigger.on) {
    case 'schedule':
      return `on the schedule ${trigger.cron} (UTC)`;
    case 'alert':
      return `when ${trigger.monitor} opens an alert`;
    case 'labels':
      return `after ${plural(trigger.count, 'label')} in ${trigger.queue}`;
    case 'rolled_back':
      return 'when a release is rolled back';
    case 'deprecated':
      return 'when its base model is deprecated';
  }
}

const isNothing = (value: unknown): boolean =>
  value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);

/** A value as one would say it: `random-search, candidates 3`. */
function said(value: unknown): string {
  if (Array.isArray(value)) return value.map(said).join('; ');
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).filter(([, inner]) => !isNothing(inner));
  return parts.map(([name, inner]) => (name === 'name' ? said(inner) : `${name} ${said(inner)}`)).join(', ');
}

const at = (value: unknown, name: string): unknown => (value as Record<string, unknown> | null)?.[name];
const shareText = (share: unknown): string => percent(Number(share));

/** Settings whose names or numbers alone do not say what they are. */
const settingWords: Record<string, (value: unknown) => { name: string; value: string }> = {
  share: (share) => ({ name: 'share', value: shareText(share) }),
  steps: (steps) => ({
    name: 'share grows',
    value: (steps as unknown[]).map((one) => `${shareText(at(one, 'share'))} from ${at(one, 'after')} on`).join(', '),
  }),
  allocation: (ends) => ({
    name: 'share moves',
    value: `between ${shareText(at(ends, 'floor'))} and ${shareText(at(ends, 'ceiling'))}`,
  }),
  sticky: (kind) => ({ name: 'same version for', value: `each ${kind}` }),
  risks: (risks) => ({
    name: 'risks',
    value: `${shareText(at(risks, 'falseRollback'))} rolled back in vain, ${shareText(at(risks, 'missedRegression'))} promoted although worse`,
  }),
  minimum: (least) => ({ name: 'values of each rail', value: String(least) }),
  promotesItself: () => ({ name: 'promotes it by itself', value: 'yes' }),
  breaking: () => ({ name: 'although callers may fail', value: 'yes' }),
  examples: (examples) => ({ name: 'failed calls become drafts of', value: String(at(examples, 'dataset')) }),
  repetitions: (times) => ({ name: 'times each row is asked', value: String(times) }),
  concurrency: (most) => ({ name: 'calls at one time', value: String(most) }),
};

/** What a step is set to, in the order of its definition, without what says nothing. */
export function settingsOf(step: PipelineBody['definition']['steps'][number]): { name: string; value: string }[] {
  const { do: _, name: __, ...rest } = step;
  return Object.entries(rest)
    .filter(([, value]) => !isNothing(value))
    .map(([name, value]) => settingWords[name]?.(value) ?? { name, value: said(value) })
    .filter(({ value }) => value !== '');
}
