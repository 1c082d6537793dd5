import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { predictorsOf } from '../candidate.ts';
import { callPart, defineModule, type Module } from '../module.ts';
import type { Candidate, Demo } from '../tunables.ts';
import type { FieldName } from './majority.ts';
import { embedTexts, nearest } from './nearest.ts';

const textOf = (values: JsonObject, names: readonly string[]): string =>
  names
    .filter((name) => Object.hasOwn(values, name))
    .map((name) => `${name}: ${typeof values[name] === 'string' ? values[name] : JSON.stringify(values[name])}`)
    .join(' | ');

/**
 * Shows each predictor the `k` examples that are nearest to the input by the world's embedder, in place of its
 * demonstrations (Liu et al. 2022); of each example what the predictor has fields for.
 * @param inputs which values of an example are its input
 * @throws WheelhouseError `invalid_request` where the world has no embedder
 */
export function withNearestDemos<I extends object, O>(
  program: Module<I, O>,
  { examples, inputs, k = 3 }: { examples: readonly Demo[]; inputs: readonly FieldName<I>[]; k?: number },
): Module<I, O> {
  /** Of the examples, by the model that made them. */
  const known = new Map<string, Promise<number[][]>>();
  const paths = [...predictorsOf(program)];
  return defineModule<I, O>({
    parts: { program },
    async forward(input, scope) {
      const { embedder, signal } = scope.world;
      if (!embedder)
        throw new WheelhouseError('invalid_request', 'Nearest examples need an embedder.', { param: 'embedder' });
      const { model } = embedder;
      const vectors =
        known.get(model) ??
        embedTexts(
          embedder,
          examples.map(({ values }) => textOf(values, inputs)),
          signal,
        ).catch((error: unknown) => {
          known.delete(model);
          throw error;
        });
      known.set(model, vectors);
      const [asked = []] = await embedTexts(embedder, [textOf(input as JsonObject, inputs)], signal);
      const near = nearest(asked, await vectors, k).map(({ index }) => examples[index] as Demo);
      const candidate: Candidate = Object.fromEntries(
        paths.map(([path, { inputs: ins, outputs: outs }]) => {
          const names = new Set([...ins, ...outs].map(({ name }) => name));
          const demos = near.map((demo) => ({
            ...demo,
            values: Object.fromEntries(Object.entries(demo.values).filter(([name]) => names.has(name))),
          }));
          return [path, { demos }];
        }),
      );
      return callPart(scope, 'program', program, input, { candidate });
    },
  });
}
