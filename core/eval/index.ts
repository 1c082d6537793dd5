export { compareRuns } from './compare.ts';
export { inputOf } from './input-of.ts';
export { cellKey, runComparison } from './run-comparison.ts';
export { createScorer, type NamedScorer, scorerLabel, scorerNames } from './scorers.ts';
export { corpusBleu, type Segment } from './text/bleu.ts';
export { corpusChrf } from './text/chrf.ts';
export { corpusTer } from './text/ter.ts';
