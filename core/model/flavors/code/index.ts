import type { SteppedFlavor } from '../../flavor.ts';
import { textOfValue } from '../../template/render-template.ts';
import { type CodeDefinition, codeDefinition } from './definition.ts';

export { type CodeDefinition, codeDefinition } from './definition.ts';

/** Code that runs where it lives: the host that serves it now is asked. */
export const codeFlavor: SteppedFlavor<CodeDefinition> = {
  name: 'code',
  runs: 'stepped',
  schema: codeDefinition,
  references: () => [],
  asksOutside: () => true,
  infer: () => ({ input: { type: 'object' }, output: {} }),
  check() {},
  async predict(definition, ask, world, onText) {
    const output = await world.callHost(ask, definition.streams ? onText : null);
    return { output, text: textOfValue(output) };
  },
};
