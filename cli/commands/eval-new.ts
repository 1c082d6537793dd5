import { sampleFiles } from '../eval/sample.ts';
import type { ExitCode } from '../output/exit-codes.ts';
import { writeSample } from '../write-sample.ts';
import type { EvalDeps } from './eval.ts';

/** `wheelhouse eval new`: a file of an evaluation that works as it is, with rows beside it. */
export const newEvaluation = (name: string, deps: EvalDeps): Promise<ExitCode> =>
  writeSample({ name, verb: 'eval', files: sampleFiles(name) }, deps);
