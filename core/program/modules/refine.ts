import type { JsonObject } from '../../records/index.ts';
import { predictorsOf } from '../candidate.ts';
import { schemaOf } from '../field-type.ts';
import { attempt, callPart, defineModule, type Module } from '../module.ts';
import { signature } from '../signature.ts';
import { type BestOfOptions, bestOfData, judgeOf, tryBest } from './best-of.ts';
import { predictor } from './predict.ts';

const feedback = signature(
  'modules, program_inputs, program_trajectory, program_outputs, reward, target_threshold: float, reward_value: float -> discussion, advice: dict[str, str]',
  {
    instructions: [
      'In the discussion, say which modules are to blame that the reward is below its target.',
      'Then give each module advice on how it should act on these or like inputs to receive at least the target next time, by its name.',
      'The advice must be concrete and must say when it applies. A module that did nothing wrong gets N/A.',
    ].join('\n'),
    descriptions: {
      modules: 'The modules of the program: their names, tasks and fields',
      program_trajectory: 'What each module was given and gave, in order',
      reward: 'What is rewarded',
      advice: 'For each module, by its name',
    },
  },
);

const json = (value: unknown) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)) ?? '';

/** What a model needs to know of the program in order to advise it. */
function describeModules(program: Module<never, unknown>): string {
  const modules = [...predictorsOf(program)].map(([path, { instructions, inputs, outputs }]) => {
    const side = (fields: typeof inputs) => Object.fromEntries(fields.map(({ name, type }) => [name, schemaOf(type)]));
    return { name: path === '' ? 'program' : path, instructions, inputs: side(inputs), outputs: side(outputs) };
  });
  return JSON.stringify(modules);
}

export type RefineOptions<I, O> = BestOfOptions<I, O> & {
  /** What is rewarded, in words: what a model is told that advises the next try. */
  describe: string;
};

/**
 * {@link bestOf}, in which a model looks at each try that was not good enough and advises the next one, module by module.
 * Where no advice can be had, it tries without.
 */
export function refine<I, O>(program: Module<I, O>, options: RefineOptions<I, O>): Module<I, O> {
  const advise = predictor<JsonObject, { advice: Record<string, string> }>(feedback);
  const modules = describeModules(program as Module<never, unknown>);
  const data = bestOfData('refine', program, options);
  return defineModule<I, O>({
    parts: { program, advise, ...judgeOf(options) },
    defaults: { thresholds: { count: options.count, threshold: options.threshold } },
    data: data && { ...data, describe: options.describe },
    forward: (input, scope) =>
      tryBest(scope, {
        ...{ program, input, options },
        async between({ reward, calls, output }) {
          const prefix = scope.path === '' ? 'program' : `${scope.path}.program`;
          const nameOf = (path: string) => (path === prefix ? 'program' : path.slice(prefix.length + 1));
          const trajectory = calls.map((call) => ({
            module: nameOf(call.path),
            inputs: call.input,
            outputs: call.output,
          }));
          const asked = await attempt(scope, (inside) =>
            callPart(inside, 'advise', advise, {
              ...{ modules, reward: options.describe, reward_value: reward, target_threshold: options.threshold },
              program_inputs: json(input),
              program_trajectory: json(trajectory),
              program_outputs: json(output),
            }),
          );
          if (!asked.ok) return {};
          const useful = Object.entries(asked.value.advice).filter(
            ([, advice]) => advice.trim().toUpperCase() !== 'N/A',
          );
          return {
            hints: Object.fromEntries(useful.map(([name, advice]) => [name === 'program' ? '' : name, advice])),
          };
        },
      }),
  });
}
