import type { Handlers } from '@wheelhouse/core/contract';
import type { Sandbox } from '@wheelhouse/core/ports';
import type { Json } from '@wheelhouse/core/records';

/** Code of programs that run elsewhere: what a model wrote is run here, where it can reach nothing. */
export function createCodeHandlers({ sandbox }: { sandbox: Sandbox }): Handlers<'runCode'> {
  return {
    async runCode({ body: { code, input } }) {
      return { output: await sandbox.run(code, input as Json, new AbortController().signal) };
    },
  };
}
