import type { JsonObject } from '../../records/index.ts';
import { callPart, defineModule, type Module } from '../module.ts';
import { asSignature, type InputOf, type OutputOf, type SignatureLike, type Valid } from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { reasoned } from './chain-of-thought.ts';
import { multiChainComparison } from './multi-chain-comparison.ts';
import { inParallel } from './parallel.ts';
import type { PredictOptions } from './predict.ts';

/**
 * Reasons several times and answers from a comparison of the chains: {@link multiChainComparison} that makes its attempts
 * itself. They are asked at one time, and one that fails ends it.
 */
export function compareChains<const S extends SignatureLike>(
  of: S & Valid<S, 'reasoning' | 'rationale'>,
  { count = 3, ...options }: Pick<PredictOptions, 'model' | 'parameters'> & { count?: number } = {},
): Module<InputOf<S>, OutputOf<S> & { rationale: string }> {
  const signature = asSignature(of);
  const attempt = reasoned<InputOf<S>, OutputOf<S>>(signature, options);
  const compare = multiChainComparison(signature, { ...options, count });
  const temperature = 0.7;
  const said = signatureData(signature);
  return defineModule<InputOf<S>, OutputOf<S> & { rationale: string }>({
    parts: { attempt, compare },
    data: said && { module: 'compare-chains', signature: said, count },
    async forward(input, scope) {
      const first = scope.rollout * count;
      const rollouts = Array.from({ length: count }, (_, i) => first + i + 1);
      const attempts = await inParallel(rollouts, (rollout) =>
        callPart(scope, 'attempt', attempt, input, { rollout, parameters: { temperature } }),
      );
      const compared = await callPart(scope, 'compare', compare, { ...(input as unknown as JsonObject), attempts });
      return compared as unknown as OutputOf<S> & { rationale: string };
    },
  });
}
