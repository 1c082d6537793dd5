export type { Adapter, AdapterTask, ChatMessage, Send } from './adapters/adapter.ts';
export { chatAdapter } from './adapters/chat.ts';
export { jsonAdapter, responseFormat } from './adapters/json.ts';
export { twoStepAdapter } from './adapters/two-step.ts';
export { xmlAdapter } from './adapters/xml.ts';
export {
  candidateHash,
  candidateOf,
  demoOf,
  predictorsOf,
  readCandidate,
  tunedSignature,
  withCandidate,
} from './candidate.ts';
export { allBut, annotate, demonstrate, sample, type Transform } from './demonstrate.ts';
export { loadDspyState, readDspyState, writeDspyState } from './dspy-state.ts';
export { type FieldType, isOptional, schemaOf, typeName, typeOfSchema } from './field-type.ts';
export { readLooseJson } from './loose-json.ts';
export {
  type AnyModule,
  attempt,
  type Bound,
  type CallOptions,
  callPart,
  compose,
  defineModule,
  type InputOfModule,
  joinPath,
  type Module,
  type OutputOfModule,
  type Passage,
  type PredictorAsk,
  type PredictorCall,
  type Program,
  type ProgramWorld,
  type Retriever,
  type Scope,
  thresholdOf,
} from './module.ts';
export { type BestOfOptions, bestOf, type Reward } from './modules/best-of.ts';
export { chainOfThought } from './modules/chain-of-thought.ts';
export { compareChains } from './modules/compare-chains.ts';
export { drawFrom, ensemble } from './modules/ensemble.ts';
export { ballotOf, countVotes, majority, normalizeAnswer, type VoteOptions, winnerOf } from './modules/majority.ts';
export { multiChainComparison } from './modules/multi-chain-comparison.ts';
export { withNearestDemos } from './modules/nearest-demos.ts';
export { inParallel, type Outcome, parallel } from './modules/parallel.ts';
export { type PredictOptions, predict } from './modules/predict.ts';
export { programOfThought } from './modules/program-of-thought.ts';
export { type McpClient, mcpTools, react, type Tool, type ToolData, type ToolStep } from './modules/react.ts';
export { type RefineOptions, refine } from './modules/refine.ts';
export {
  fusePassages,
  memoryRetriever,
  multiHop,
  type RetrieveFrom,
  retrieve,
  retrieveEnsemble,
} from './modules/retrieve.ts';
export { leadCertainty, type SelfConsistencyOptions, selfConsistency } from './modules/self-consistency.ts';
export { type TreeOfThoughtsOptions, treeOfThoughts } from './modules/tree-of-thoughts.ts';
export { parseType } from './parse-signature.ts';
export {
  modelsOfData,
  type ProgramData,
  programOfData,
  type RewardData,
  type SignatureData,
  signatureOfData,
} from './program-data.ts';
export { costOf, type ProgramOutcome, runProgram } from './run-program.ts';
export { type ScriptedAnswer, type ScriptedAsk, scriptedWorld } from './scripted-world.ts';
export { type Found, type SearchOptions, searchThoughts, type ThoughtProblem } from './search/search-thoughts.ts';
export {
  asSignature,
  equalSignatures,
  type Field,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type SignatureSpec,
  type StandardSchema,
  schemasOf,
  signature,
  type Valid,
  withField,
  withInstructions,
  withoutField,
} from './signature.ts';
export { type Candidate, type Demo, mergeTunables, overlay, type Tunables } from './tunables.ts';
