export { type ProgramDefinition, programDefinition } from './definition.ts';
export { programFlavor } from './program-flavor.ts';
