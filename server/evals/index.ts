export { createEvalHandlers } from './eval-handlers.ts';
export { startEvalWorker } from './eval-worker.ts';
export { createGateReader } from './gate-reader.ts';
export { type KeptCells, openKeptCells } from './kept-cells.ts';
export { nodeTimer } from './node-timer.ts';
export { createScoringHandlers } from './scoring/scoring-handlers.ts';
export { startScoringWorker } from './scoring/scoring-worker.ts';
