import type { DirectFlavor } from '../../flavor.ts';
import { asksHostedTools } from '../../hosted-tools.ts';
import { type PromptDefinition, promptDefinition } from './definition.ts';
import { checkPrompt, inferPrompt } from './infer-prompt.ts';
import { promptReferences } from './references.ts';
import { renderPrompt } from './render-prompt.ts';

export { isText } from './compile-prompt.ts';
export { type PromptDefinition, type PromptPart, promptDefinition } from './definition.ts';
export { type ResolvedPart, resolveParts } from './resolve-parts.ts';

/** Message templates for a base model, with parameters. */
export const promptFlavor: DirectFlavor<PromptDefinition> = {
  name: 'prompt',
  runs: 'direct',
  schema: promptDefinition,
  references: promptReferences,
  asksOutside: ({ parameters }) => asksHostedTools(parameters),
  infer: (definition, { find }) => inferPrompt(definition, find),
  check: (definition, signature, { find }) => checkPrompt(definition, signature, find),
  request: (definition, input, { find }) => ({
    messages: renderPrompt(definition, input, find),
    parameters: definition.parameters,
  }),
};
