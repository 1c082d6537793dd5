import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { FieldType } from '../field-type.ts';
import { attempt, callPart, defineModule, type Module, type Scope, thresholdOf } from '../module.ts';
import { type SearchOptions, searchThoughts } from '../search/search-thoughts.ts';
import {
  asSignature,
  type Field,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { inParallel } from './parallel.ts';
import { isTooLong, predictor } from './predict.ts';

/** What a judgement of a state is worth, as in the paper. */
const worth = { sure: 20, likely: 1, impossible: 0.001 } as const;

export type TreeOfThoughtsOptions<Input> = Partial<SearchOptions> & {
  /** `propose`: one call lists what may follow; `sample`: so many calls say one each, for thoughts that are long. */
  generate?: 'propose' | 'sample';
  /** `value`: each state is judged alone; `vote`: which of all is the best. */
  evaluate?: 'value' | 'vote';
  /** How many thoughts follow each; 5 unless said. */
  children?: number;
  /** How often a state is judged, or voted; 3 and 5 unless said. */
  judgements?: number;
  /** How a thought is to look, for the model. */
  thought?: string;
  /** Knows exactly: true, these thoughts solve it; false, nothing can come of them; null, they are not over. */
  verify?: (input: Input, thoughts: readonly string[]) => boolean | null;
};

/** How the answer was come to. */
type Way = { thoughts: string[]; solved: boolean };

/** What it gives beside the outputs of the signature. */
export const wayFields: readonly Field[] = [
  fieldOf('thoughts', { kind: 'list', of: { kind: 'text' } }),
  fieldOf('solved', { kind: 'boolean' }),
];

const texts: FieldType = { kind: 'list', of: { kind: 'text' } };
const soFar = fieldOf('thoughts', texts, { description: 'the steps so far' });

function partsOf({ instructions, inputs, outputs }: Signature, thought: string, children: number) {
  const task = (text: string): string => `${instructions}\n${text}`;
  const propose: Signature = {
    instructions: task(`Propose up to ${children} different next steps. ${thought}`),
    inputs: [...inputs, soFar],
    outputs: [fieldOf('next_thoughts', texts, { description: 'one item a step, the likeliest first' })],
  };
  const sample: Signature = {
    instructions: task(`Say the next step alone. ${thought}`),
    inputs: [...inputs, soFar],
    outputs: [fieldOf('next_thought', { kind: 'text' })],
  };
  const value: Signature = {
    instructions: task('Judge whether these steps can lead to a solution.'),
    inputs: [...inputs, soFar],
    outputs: [
      fieldOf('reasoning', { kind: 'text' }),
      fieldOf('judgement', { kind: 'choice', values: Object.keys(worth) }),
    ],
  };
  const vote: Signature = {
    instructions: task('Say which of the candidates leads furthest to a solution.'),
    inputs: [...inputs, fieldOf('candidates', texts, { description: 'steps, a candidate each, numbered from 1' })],
    outputs: [
      fieldOf('reasoning', { kind: 'text' }),
      fieldOf('best', { kind: 'integer' }, { description: 'the number of the best candidate' }),
    ],
  };
  return {
    propose: predictor<JsonObject, { next_thoughts: string[] }>(propose),
    sample: predictor<JsonObject, { next_thought: string }>(sample),
    value: predictor<JsonObject, { judgement: keyof typeof worth }>(value),
    vote: predictor<JsonObject, { best: number }>(vote),
    answer: predictor<JsonObject, JsonObject>(insertField({ instructions, inputs, outputs }, 'inputs', soFar, -1)),
  };
}

/**
 * What a call gives, or nothing where the model's answer could not be read or a way grew too long for it: one bad answer does
 * not end a search.
 */
async function ifReadable<T>(scope: Scope, work: (inside: Scope) => Promise<T>): Promise<T[]> {
  const done = await attempt(scope, work);
  if (done.ok) {
    done.keep();
    return [done.value];
  }
  if (done.error.code === 'answer_unreadable' || isTooLong(done.error)) return [];
  throw done.error;
}

const times = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/**
 * Searches a tree of thoughts and answers from the best way through it (Yao et al. 2023): states are lists of thoughts,
 * written by the model and judged by it, or by `verify` where something knows exactly. `breadth`, `depth` and `budget` are
 * thresholds that a candidate may set.
 */
export function treeOfThoughts<const S extends SignatureLike>(
  of: S & Valid<S, 'thoughts' | 'solved'>,
  options: TreeOfThoughtsOptions<InputOf<S>> = {},
): Module<InputOf<S>, OutputOf<S> & Way> {
  const { strategy = 'bfs', depth = 3, breadth = 5, budget = 100, generate = 'propose', evaluate = 'value' } = options;
  const { children = 5, judgements = evaluate === 'value' ? 3 : 5, thought = '', verify } = options;
  const signature = asSignature(of);
  const { propose, sample, value, vote, answer } = partsOf(signature, thought, children);
  const parts = {
    ...(generate === 'propose' ? { propose } : { sample }),
    ...(evaluate === 'value' ? { value } : { vote }),
    answer,
  };
  const said = verify === undefined ? signatureData(signature) : null;
  const { verify: _, ...plain } = options;
  return defineModule<InputOf<S>, OutputOf<S> & Way>({
    parts,
    defaults: { thresholds: { depth, breadth, budget } },
    data: said && { module: 'tree-of-thoughts', signature: said, ...plain },
    async forward(input, scope) {
      const values = input as unknown as JsonObject;
      const several = { temperature: 0.7 };

      async function expand(thoughts: readonly string[]): Promise<string[][]> {
        const given = { ...values, thoughts: [...thoughts] };
        if (generate === 'propose') {
          const proposed = await ifReadable(scope, (inside) => callPart(inside, 'propose', propose, given));
          return proposed.flatMap(({ next_thoughts: next }) =>
            next.slice(0, children).map((one) => [...thoughts, one]),
          );
        }
        const sampled = await inParallel(times(children), (rollout) =>
          ifReadable(scope, (inside) => callPart(inside, 'sample', sample, given, { rollout, parameters: several })),
        );
        return sampled.flat().map(({ next_thought: next }) => [...thoughts, next]);
      }

      async function valueOfOne(thoughts: readonly string[]): Promise<number> {
        const given = { ...values, thoughts: [...thoughts] };
        const judged = await inParallel(times(judgements), (rollout) =>
          ifReadable(scope, (inside) => callPart(inside, 'value', value, given, { rollout, parameters: several })),
        );
        return judged.flat().reduce((sum, { judgement }) => sum + worth[judgement], 0);
      }

      async function votes(states: readonly (readonly string[])[]): Promise<number[]> {
        const candidates = states.map((thoughts, i) => `${i + 1}. ${thoughts.join('\n')}`);
        const cast = await inParallel(times(judgements), (rollout) =>
          ifReadable(scope, (inside) =>
            callPart(inside, 'vote', vote, { ...values, candidates }, { rollout, parameters: several }),
          ),
        );
        return states.map((_, i) => cast.flat().filter(({ best }) => best === i + 1).length);
      }

      const found = await searchThoughts<readonly string[]>(
        {
          start: [],
          expand,
          evaluate: (states) => (evaluate === 'vote' ? votes(states) : inParallel(states, valueOfOne)),
          ...(verify ? { verify: (thoughts: readonly string[]) => verify(input, thoughts) } : {}),
          key: (thoughts) => JSON.stringify(thoughts.map((one) => one.trim())),
        },
        {
          ...options,
          strategy,
          depth: thresholdOf(scope, 'depth', depth),
          breadth: thresholdOf(scope, 'breadth', breadth),
          budget: thresholdOf(scope, 'budget', budget),
          seed: (options.seed ?? 0) + scope.rollout,
        },
      );
      const thoughts = [...found.state];
      if (thoughts.length === 0)
        throw new WheelhouseError('answer_unreadable', 'The model proposed no thought that could be followed.');
      const output = await callPart(scope, 'answer', answer, { ...values, thoughts });
      return { ...output, thoughts, solved: found.solved } as unknown as OutputOf<S> & Way;
    },
  });
}
