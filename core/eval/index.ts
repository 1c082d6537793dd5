export { type Behaviour, type BehaviourRow, compareBehaviour } from './behaviour.ts';
export { compareColumns, compareRuns, familySize, type Pairing, verdictsOf } from './compare.ts';
export { checkGate, decideGate, gateText, parseGate } from './gate.ts';
export { quotedText } from './imports/code-twins.ts';
export { openaiModel, readMessages, samplingParameters, shapeOfItems, twinOfGrader } from './imports/openai-graders.ts';
export type { ItemShape } from './imports/openai-template.ts';
export { twinsOfClass } from './imports/registry-classes.ts';
export type { JudgeDraft, Twin } from './imports/twin.ts';
export { inputOf } from './input-of.ts';
export { isUnanswered } from './judges/ask-judge.ts';
export { judgePair } from './judges/pairwise.ts';
export {
  buildColumn,
  type Column,
  columnOf,
  type Measure,
  type MeasureKind,
  measured,
  measureNamed,
  measureNamesOf,
  measuresOf,
} from './measures.ts';
export { createCellRecorder } from './record-cells.ts';
export { needsExpected, type RehearsedCall, type RehearsedTarget, rehearseScorer } from './rehearse.ts';
export {
  type Answered,
  type Ask,
  answerKey,
  askModels,
  type CellPlace,
  calledName,
  cellKey,
  type EvaluationDeps,
  type EvaluationPlan,
  type Judge,
  type Judges,
  judgeCost,
  judgesOf,
  runEvaluation,
  scoreAnswer,
} from './run-evaluation.ts';
export type { JudgingWorld, Scorer, ScoringTarget, ScoringWorld } from './scorer-kind.ts';
export { asksModels, createScorer, isScorerLabel, type NamedScorer, scorerLabel, scorerNames } from './scorers.ts';
export { scorersMeant } from './scorers-of-task.ts';
export { compareSoFar } from './so-far.ts';
export { toolCallsOfSpans, toolCallsOfText } from './steps/read-tool-calls.ts';
export { meanInterval, summarize } from './summaries.ts';
export { sessionTarget, traceTarget } from './targets.ts';
export { corpusBleu, type Segment } from './text/bleu.ts';
export { corpusChrf } from './text/chrf.ts';
export { corpusTer } from './text/ter.ts';
export { alignCalls } from './tool-behaviour.ts';
