import type { Recipe, RecipeStep } from '@wheelhouse/core/records';
import { newSplit, type SplitDraft, splitDraftOf, splitProblem, splitRuleOf } from './split-draft.ts';

const ways = ['lowercase', 'typos', 'no_punctuation'] as const;
export type Way = (typeof ways)[number];

/** A step as it is typed. */
export type StepDraft =
  | { do: 'filter'; not: boolean; split: string; tag: string; text: string; metadata: string }
  | { do: 'map'; move: string; drop: string }
  | { do: 'balance'; by: string; most: string }
  | { do: 'deduplicate'; near: string }
  | { do: 'augment'; with: Way[]; copies: string }
  | { do: 'mask' }
  | { do: 'sample'; rows: string; seed: string }
  | { do: 'split'; rule: SplitDraft }
  | { do: 'tag'; add: string };
export type StepKind = StepDraft['do'];

/** What each does, in the order in which they are offered. */
export const stepTexts: Record<StepKind, string> = {
  filter: 'Keep or leave out rows',
  map: 'Move or forget fields',
  deduplicate: 'Leave out equal rows',
  balance: 'As many rows of each value',
  sample: 'So many rows by chance',
  mask: 'Mask personal data',
  augment: 'Add changed copies',
  tag: 'Tag all rows',
  split: 'Split by groups',
};
export const stepKinds = Object.keys(stepTexts) as StepKind[];
export const wayTexts: Record<Way, string> = {
  lowercase: 'in small letters',
  typos: 'with typing errors',
  no_punctuation: 'without punctuation',
};

export function newStep(kind: StepKind): StepDraft {
  switch (kind) {
    case 'filter':
      return { do: 'filter', not: false, split: '', tag: '', text: '', metadata: '' };
    case 'map':
      return { do: 'map', move: '', drop: '' };
    case 'balance':
      return { do: 'balance', by: 'expected', most: '' };
    case 'deduplicate':
      return { do: 'deduplicate', near: '' };
    case 'augment':
      return { do: 'augment', with: ['lowercase'], copies: '1' };
    case 'mask':
      return { do: 'mask' };
    case 'sample':
      return { do: 'sample', rows: '100', seed: '' };
    case 'split':
      return { do: 'split', rule: newSplit };
    case 'tag':
      return { do: 'tag', add: '' };
  }
}

const linesOf = (text: string) => text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
const wordsOf = (text: string) => text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
const arrow = /\s*(?:->|→)\s*/;

export function stepDraftOf(step: RecipeStep): StepDraft {
  switch (step.do) {
    case 'filter': {
      const { not = false, split = '', tag = '', text = '', metadata = {} } = step;
      const lines = Object.entries(metadata).map(([path, value]) => `${path}: ${value}`);
      return { do: 'filter', not, split, tag, text, metadata: lines.join('\n') };
    }
    case 'map': {
      const moves = Object.entries(step.move).map(([from, to]) => `${from} → ${to}`);
      return { do: 'map', move: moves.join('\n'), drop: step.drop.join('\n') };
    }
    case 'balance':
      return { do: 'balance', by: step.by, most: step.most === undefined ? '' : String(step.most) };
    case 'deduplicate':
      return { do: 'deduplicate', near: step.near === undefined ? '' : String(step.near) };
    case 'augment':
      return { do: 'augment', with: step.with, copies: String(step.copies) };
    case 'mask':
      return { do: 'mask' };
    case 'sample':
      return { do: 'sample', rows: String(step.rows), seed: step.seed };
    case 'split':
      return { do: 'split', rule: splitDraftOf(step) };
    case 'tag':
      return { do: 'tag', add: step.add.join(', ') };
  }
}

const isWhole = (text: string) => /^[1-9]\d*$/.test(text.trim());
const isPath = (path: string) => /^(?:input|expected|metadata)(?:\..+)?$/.test(path);
const noPath = (path: string) => `${path} is no path such as input.question.`;

function moveProblem({ move, drop }: Extract<StepDraft, { do: 'map' }>): string | null {
  const moves = linesOf(move).map((line) => line.split(arrow));
  if (moves.length === 0 && linesOf(drop).length === 0) return 'It says what to move or what to forget.';
  const odd = moves.find((ends) => ends.length !== 2);
  if (odd) return `A move is two paths with an arrow between them: input.q → input.question; not ${odd.join(' → ')}.`;
  const wrong = [...moves.flat(), ...linesOf(drop)].find((path) => !isPath(path));
  return wrong === undefined ? null : noPath(wrong);
}

function filterProblem(step: Extract<StepDraft, { do: 'filter' }>): string | null {
  const { split, tag, text, metadata } = step;
  if ([split, tag, text, metadata].every((one) => one.trim() === '')) return 'It says nothing of which rows.';
  const odd = linesOf(metadata).find((line) => !/^[^:]+:./.test(line));
  return odd === undefined ? null : `${odd} is no path with a value such as plan: pro.`;
}

/** Why it is no step yet; null: it is one. */
export function stepProblem(step: StepDraft): string | null {
  switch (step.do) {
    case 'filter':
      return filterProblem(step);
    case 'map':
      return moveProblem(step);
    case 'balance':
      if (step.by.trim() === '') return 'It says by which value.';
      return step.most === '' || isWhole(step.most) ? null : 'Rows of each value are a whole number.';
    case 'deduplicate': {
      const near = Number(step.near);
      return step.near === '' || (near >= 0.3 && near <= 1) ? null : 'How alike they are is from 0.3 to 1.';
    }
    case 'augment':
      if (step.with.length === 0) return 'It says how copies are changed.';
      return isWhole(step.copies) && Number(step.copies) <= 10 ? null : 'There are 1 to 10 copies of a row.';
    case 'mask':
      return null;
    case 'sample':
      return isWhole(step.rows) ? null : 'Rows are a whole number.';
    case 'split':
      return splitProblem(step.rule);
    case 'tag':
      return wordsOf(step.add).length === 0 ? 'It says which tags.' : null;
  }
}

/** As the API takes it; only of a draft without a problem. */
export function stepOf(step: StepDraft): RecipeStep {
  switch (step.do) {
    case 'filter': {
      const { not, split, tag, text, metadata } = step;
      const pairs = linesOf(metadata).map((line) => [
        line.replace(/:.*/, '').trim(),
        line.replace(/^[^:]+:/, '').trim(),
      ]);
      return {
        do: 'filter',
        ...(not && { not }),
        ...(split.trim() !== '' && { split: split.trim() }),
        ...(tag.trim() !== '' && { tag: tag.trim() }),
        ...(text !== '' && { text }),
        ...(pairs.length > 0 && { metadata: Object.fromEntries(pairs) }),
      };
    }
    case 'map':
      return {
        do: 'map',
        move: Object.fromEntries(linesOf(step.move).map((line) => line.split(arrow))),
        drop: linesOf(step.drop),
      };
    case 'balance':
      return { do: 'balance', by: step.by.trim(), ...(step.most !== '' && { most: Number(step.most) }) };
    case 'deduplicate':
      return { do: 'deduplicate', ...(step.near !== '' && { near: Number(step.near) }) };
    case 'augment':
      return { do: 'augment', with: step.with, copies: Number(step.copies) };
    case 'mask':
      return { do: 'mask' };
    case 'sample':
      return { do: 'sample', rows: Number(step.rows), seed: step.seed };
    case 'split':
      return { do: 'split', ...splitRuleOf(step.rule) };
    case 'tag':
      return { do: 'tag', add: wordsOf(step.add) };
  }
}

/** A recipe as it is typed; each step has a key that it keeps when it moves. */
export type RecipeDraft = { from: string; version: string; steps: { key: number; step: StepDraft }[] };

export const recipeDraftOf = (recipe: Recipe | null): RecipeDraft => ({
  from: recipe?.from ?? '',
  version: recipe?.version ? String(recipe.version) : '',
  steps: (recipe?.steps ?? []).map((step, key) => ({ key, step: stepDraftOf(step) })),
});

/** null: something in it is not whole yet. */
export function recipeOf({ from, version, steps }: RecipeDraft): Recipe | null {
  if (from === '' || steps.some(({ step }) => stepProblem(step) !== null)) return null;
  return { from, version: version === '' ? null : Number(version), steps: steps.map(({ step }) => stepOf(step)) };
}
