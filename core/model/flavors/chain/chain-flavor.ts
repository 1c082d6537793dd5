import type { SteppedFlavor } from '../../flavor.ts';
import { textOfValue } from '../../template/render-template.ts';
import { fillMapping, type Scope } from '../mapping.ts';
import { callsTools, checkChain, modelsOf } from './check-chain.ts';
import { type ChainDefinition, chainDefinition } from './definition.ts';
import { inferChain } from './infer-chain.ts';
import { runSteps } from './run-steps.ts';

/** Steps as data: calls of models, tools and code, with branches, maps, parallel work and retries. */
export const chainFlavor: SteppedFlavor<ChainDefinition> = {
  name: 'chain',
  runs: 'stepped',
  schema: chainDefinition,
  references: ({ steps }) => [...new Set(modelsOf(steps))],
  asksOutside: ({ steps }) => callsTools(steps),
  infer: inferChain,
  check: checkChain,
  async predict(definition, { input, messages, parameters }, world, onText) {
    const scope: Scope = { input, messages, parameters, steps: {} };
    const { steps, output: mapping } = definition;
    if (mapping === undefined) return runSteps(steps, scope, { world, prefix: '', onText });
    await runSteps(steps, scope, { world, prefix: '', onText: null });
    const output = fillMapping(mapping, scope);
    return { output, text: textOfValue(output) };
  },
};
