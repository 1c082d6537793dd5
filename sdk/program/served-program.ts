import {
  asSignature,
  type InputOf,
  type OutputOf,
  type Program,
  runProgram,
  type SignatureLike,
  schemasOf,
  type Valid,
} from '@wheelhouse/core/program';
import type { ServedModel } from '../serve/index.ts';
import { type ProgramWorldOptions, programWorld } from './program-world.ts';

export type ServedProgramOptions<S extends SignatureLike = SignatureLike> = Omit<
  ProgramWorldOptions,
  'traceparent' | 'signal'
> & {
  /** What goes in and comes out, where the program is not a single predictor that says it itself. */
  signature?: S & Valid<S>;
};

/** The compiler refuses a signature that says other than the program takes and gives. */
type Fits<S, I, O> = InputOf<S> extends I ? (O extends OutputOf<S> ? unknown : Misfit<'outputs'>) : Misfit<'inputs'>;
type Misfit<Side extends string> = { signature: { problem: `the program has other ${Side}` } };

/**
 * What a module exports for `wheelhouse serve` to make a model of a program: `export const { predict, signature } = …`. What
 * the program asks stands below the call's own span.
 */
export function servedProgram<I, O, const S extends SignatureLike = never>(
  program: Program<I, O>,
  options: ServedProgramOptions<S> & ([S] extends [never] ? unknown : Fits<S, I, O>),
): ServedModel {
  const { signature, ...world } = options as ServedProgramOptions;
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
