import { asSignature, type Program, runProgram, type SignatureLike, schemasOf } from '@wheelhouse/core/program';
import type { ServedModel } from '../serve/index.ts';
import { type ProgramWorldOptions, programWorld } from './program-world.ts';

export type ServedProgramOptions = Omit<ProgramWorldOptions, 'traceparent' | 'signal'> & {
  /** What goes in and comes out, where the program is not a single predictor that says it itself. */
  signature?: SignatureLike;
};

/**
 * What a module exports for `wheelhouse serve` to make a model of a program: `export const { predict, signature } = …`. What
 * the program asks stands below the call's own span.
 */
export function servedProgram<I, O>(program: Program<I, O>, options: ServedProgramOptions): ServedModel {
  const { signature, ...world } = options;
  const says = signature === undefined ? program.signature : asSignature(signature);
  return {
    async predict(input: I, { traceparent, signal }) {
      const traced = traceparent === null ? {} : { traceparent };
      const done = await runProgram(program, input, programWorld({ ...world, ...traced, signal }));
      if (done.ok) return done.output;
      throw done.error;
    },
    ...(says ? { signature: schemasOf(says) } : {}),
  };
}
