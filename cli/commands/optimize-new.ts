import { optimizationFiles } from '../optimize/sample.ts';
import type { ExitCode } from '../output/exit-codes.ts';
import { writeSample } from '../write-sample.ts';
import type { OptimizeDeps } from './optimize.ts';

/** `wheelhouse optimize new`: a file of an optimization that works as it is, with rows beside it. */
export const newOptimization = (name: string, deps: OptimizeDeps): Promise<ExitCode> =>
  writeSample({ name, verb: 'optimize', files: optimizationFiles(name) }, deps);
