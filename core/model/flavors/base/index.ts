import type { DirectFlavor } from '../../flavor.ts';
import { asksHostedTools } from '../../hosted-tools.ts';
import { outputOf } from '../../signature.ts';
import { type BaseDefinition, baseDefinition } from './definition.ts';

export { type BaseDefinition, baseDefinition } from './definition.ts';

/** A base model under a name of its own, with parameters: the caller's messages are all that it gets. */
export const baseFlavor: DirectFlavor<BaseDefinition> = {
  name: 'base',
  runs: 'direct',
  schema: baseDefinition,
  references: () => [],
  asksOutside: ({ parameters }) => asksHostedTools(parameters),
  infer: ({ parameters }) => ({
    input: { type: 'object', properties: {}, additionalProperties: false },
    output: outputOf(parameters),
  }),
  check() {},
  request: ({ parameters }) => ({ messages: [], parameters }),
};
