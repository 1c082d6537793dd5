export * from '@wheelhouse/core/program';
export { type ProgramWorldOptions, programWorld } from './program-world.ts';
export { type ServedProgramOptions, servedProgram } from './served-program.ts';
