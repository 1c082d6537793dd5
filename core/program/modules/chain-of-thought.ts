import { compose, type Module } from '../module.ts';
import {
  asSignature,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { type PredictOptions, predictor } from './predict.ts';

/** {@link chainOfThought} of a signature whose types are not known here. */
export function reasoned<I, O>(of: Signature, options: PredictOptions = {}): Module<I, O & { reasoning: string }> {
  const thinking = insertField(of, 'outputs', fieldOf('reasoning', { kind: 'text' }), 0);
  const parts = { predict: predictor<I, O & { reasoning: string }>(thinking, options) };
  const signature = signatureData(of);
  return {
    ...compose(parts, (input: I, { predict }) => predict(input)),
    data: signature && { module: 'chain-of-thought', signature },
  };
}

/** Lets the model reason before it answers (Wei et al. 2022): one more output, `reasoning`, before the others. */
export const chainOfThought = <const S extends SignatureLike>(
  of: S & Valid<S, 'reasoning'>,
  options: PredictOptions = {},
): Module<InputOf<S>, OutputOf<S> & { reasoning: string }> =>
  reasoned<InputOf<S>, OutputOf<S>>(asSignature(of), options);
