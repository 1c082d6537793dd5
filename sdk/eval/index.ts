export {
  type AnsweredOutput,
  answered,
  type Data,
  defineEvaluation,
  type EvaluationDefinition,
  type Judgement,
  type OwnScorer,
  type Row,
  type RunContext,
  type RunDefinition,
  type RunFunction,
  type RunResult,
  runsHere,
  type ScoredAnswer,
  type ScorerDefinition,
} from './definition.ts';
export { bodyOf, type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export { assertGates, evaluationMatchers, gatesOf } from './gates.ts';
