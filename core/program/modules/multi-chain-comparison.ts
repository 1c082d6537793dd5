import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { compose, type Module } from '../module.ts';
import {
  asSignature,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { type PredictOptions, predictor } from './predict.ts';

const firstLine = (value: unknown) =>
  String(value ?? '')
    .trim()
    .split('\n')[0]
    ?.trim() ?? '';

/**
 * Compares attempts at the same question and answers anew (Yoran et al. 2023): takes the inputs and `attempts`, which are
 * outputs of {@link chainOfThought} of the same signature.
 */
export function multiChainComparison<const S extends SignatureLike>(
  of: S & Valid<S, 'rationale' | 'attempts'>,
  { count = 3, ...options }: PredictOptions & { count?: number } = {},
): Module<InputOf<S> & { attempts: readonly object[] }, OutputOf<S> & { rationale: string }> {
  let signature = asSignature(of);
  const answer = signature.outputs.at(-1)?.name ?? '';
  for (let i = 1; i <= count; i++)
    signature = insertField(
      signature,
      'inputs',
      fieldOf(
        `reasoning_attempt_${i}`,
        { kind: 'text' },
        { prefix: `Student Attempt #${i}:`, description: `\${reasoning attempt}` },
      ),
      -1,
    );
  const rationale = fieldOf(
    'rationale',
    { kind: 'text' },
    {
      prefix: "Accurate Reasoning: Thank you everyone. Let's now holistically",
      description: `\${corrected reasoning}`,
    },
  );
  const parameters = { temperature: 0.7, ...options.parameters };
  const predict = predictor<JsonObject, OutputOf<S> & { rationale: string }>(
    insertField(signature, 'outputs', rationale, 0),
    { ...options, parameters },
  );
  return compose({ predict }, ({ attempts, ...input }: InputOf<S> & { attempts: readonly object[] }, parts) => {
    if (attempts.length !== count)
      throw new WheelhouseError('invalid_request', `There are ${attempts.length} attempts, not ${count}.`, {
        param: 'attempts',
      });
    const told = attempts.map((attempt, i) => {
      const said = attempt as Record<string, unknown>;
      const reasons = firstLine(said.rationale ?? said.reasoning);
      return [
        `reasoning_attempt_${i + 1}`,
        `«I'm trying to ${reasons} I'm not sure but my prediction is ${firstLine(said[answer])}»`,
      ];
    });
    return parts.predict({ ...(input as unknown as JsonObject), ...Object.fromEntries(told) });
  });
}
