export { type SimModel, simModels } from './answer.ts';
export { planSim, type SimChunk, type SimPlan } from './plan-sim.ts';
export { defaultSimSettings, readSimSettings, type SimSettings } from './sim-settings.ts';
