export { compareRuns } from './compare.ts';
export { inputOf } from './input-of.ts';
export { cellKey, runComparison } from './run-comparison.ts';
export { type ScorerName, scorers } from './scorers.ts';
