import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { compose, type Module, sandboxOf, thresholdOf } from '../module.ts';
import {
  asSignature,
  fieldOf,
  type InputOf,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { reasoned } from './chain-of-thought.ts';

const names = (fields: Signature['inputs']) => fields.map(({ name }) => `\`${name}\``).join(', ');

/** The code in an answer: what stands in a fence, or all of it. */
function codeIn(text: string): string {
  return (/```(?:js|javascript|mjs)?[ \t]*\n([\s\S]*?)(?:\n```|$)/.exec(text)?.[1] ?? text).trim();
}

/** What a sandbox throws as the error that it means; null: it says nothing of the code. */
function codeFailed(error: unknown): WheelhouseError | null {
  if (error instanceof WheelhouseError) return error.code === 'code_failed' ? error : null;
  return new WheelhouseError('code_failed', error instanceof Error ? error.message : String(error), { cause: error });
}

const form =
  'The code is a JavaScript module with `export function main(input)`, where `input` holds the inputs by name. It returns an object with';

function signaturesOf({ inputs, outputs }: Signature) {
  const code = fieldOf('generated_code', { kind: 'text' }, { description: 'JavaScript that computes the answer' });
  const generate: Signature = {
    instructions: [
      `You will be given ${names(inputs)} and you will respond with \`generated_code\`.`,
      `Write code that computes the answer. ${form} ${names(outputs)}.`,
    ].join('\n'),
    inputs,
    outputs: [code],
  };
  const previous = fieldOf('previous_code', { kind: 'text' }, { description: 'code that failed' });
  const error = fieldOf('error', { kind: 'text' }, { description: 'why it failed' });
  const regenerate: Signature = {
    instructions: `The code you wrote failed. Correct it and give the new \`generated_code\`. ${form} ${names(outputs)}.`,
    inputs: [...inputs, previous, error],
    outputs: [code],
  };
  const final = fieldOf('final_generated_code', { kind: 'text' }, { description: 'code that computes the answer' });
  const output = fieldOf('code_output', { kind: 'text' }, { description: 'what it returned' });
  const answer: Signature = {
    instructions: `Given the final code and its output, provide the final ${names(outputs)}.`,
    inputs: [...inputs, final, output],
    outputs,
  };
  return { generate, regenerate, answer };
}

/**
 * Lets the model write code, runs it in the world's sandbox and answers from what it returned (Chen et al. 2022). Code that
 * fails goes back with its error, so many times in all as `tries`, which is a threshold that a candidate may set.
 * @throws WheelhouseError `code_failed` where none of it ran, `invalid_request` where the world has no sandbox
 */
export function programOfThought<const S extends SignatureLike>(
  of: S & Valid<S, 'reasoning' | 'code'>,
  { tries = 3 }: { tries?: number } = {},
): Module<InputOf<S>, OutputOf<S> & { reasoning: string; code: string }> {
  const signature = asSignature(of);
  const { generate, regenerate, answer } = signaturesOf(signature);
  const parts = {
    code_generate: reasoned<JsonObject, { generated_code: string }>(generate),
    code_regenerate: reasoned<JsonObject, { generated_code: string }>(regenerate),
    generate_output: reasoned<JsonObject, OutputOf<S>>(answer),
  };
  const program = compose(parts, async (input: InputOf<S>, bound, scope) => {
    const { signal } = scope.world;
    const sandbox = sandboxOf(scope.world, 'A program of thought');
    const values = input as unknown as JsonObject;
    const most = Math.min(100, thresholdOf(scope, 'tries', tries));
    let code = codeIn((await bound.code_generate(values)).generated_code);
    for (let tried = 1; ; tried++) {
      let output: Json;
      try {
        output = await sandbox.run(code, values, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const failed = codeFailed(error);
        if (failed === null || tried >= most) throw failed ?? error;
        const told = { ...values, previous_code: code, error: failed.message };
        code = codeIn((await bound.code_regenerate(told)).generated_code);
        continue;
      }
      const told = { ...values, final_generated_code: code, code_output: JSON.stringify(output) };
      return { ...(await bound.generate_output(told)), code };
    }
  });
  const said = signatureData(signature);
  return {
    ...program,
    defaults: { thresholds: { tries } },
    data: said && { module: 'program-of-thought', signature: said, tries },
  };
}
