export { type SimModel, simModels } from './answer.ts';
export { planEmbeddings, simEmbedding, simEmbeddingModel } from './embed.ts';
export { planSim, type SimChunk, type SimPlan } from './plan-sim.ts';
export { type RuleWorld, ruleWorld } from './rule-world.ts';
export { defaultSimSettings, readSimSettings, type SimSettings } from './sim-settings.ts';
export type { SimToolCall } from './tool-calls.ts';
