export { chainFlavor } from './chain-flavor.ts';
export { type ChainDefinition, type Condition, chainDefinition, type Step } from './definition.ts';
