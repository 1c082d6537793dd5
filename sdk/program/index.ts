export * from '@wheelhouse/core/optimize';
export * from '@wheelhouse/core/program';
export {
  defineOptimization,
  type OptimizationData,
  type OptimizationDefinition,
  type OptimizationMetric,
  type OptimizationRow,
} from './optimize/definition.ts';
export {
  type Optimization,
  type Optimized,
  type OptimizeOptions,
  prepareOptimization,
  type RunOptions,
  type Tried,
} from './optimize/optimize.ts';
export { type OptimizationRecord, openRecord, type RecordSetup } from './optimize/record.ts';
export { type ProgramWorldOptions, programWorld } from './program-world.ts';
export { type ServedProgramOptions, servedProgram } from './served-program.ts';
export { type Tuned, tunedFunction } from './tuned-function.ts';
