export { type DriftFeature, type DriftRow, findDrift } from './drift/find-drift.ts';
export { type Failing, failsMoreOften } from './fails-more-often.ts';
export { isSlower, type Slowness } from './is-slower.ts';
export {
  badBelow,
  badWhenTrue,
  occurrencesOf,
  signalKey,
} from './issues/failing.ts';
export { causeKeysOf, type PlacedIssues, placeOccurrences } from './issues/place-occurrences.ts';
export { titleOf } from './issues/title-of.ts';
export {
  type Baseline,
  baselineMs,
  type Expected,
  expectedOf,
  learnBaseline,
  type MeasuredWindow,
  type MeasureKind,
} from './monitor/baseline.ts';
export {
  type BurnWindow,
  burnPairs,
  type Judgement,
  judgeBurnRate,
  judgeDrift,
  judgeThreshold,
  judgeUnusual,
  unusualReach,
} from './monitor/judge-window.ts';
export { type AlertStep, nextLook } from './monitor/next-look.ts';
export { checkPipeline } from './pipeline/check-pipeline.ts';
export {
  afterStep,
  beginStep,
  budgetSpent,
  candidateOf,
  costOf,
  freshSteps,
  isRetryable,
  leftFor,
  lookAtApproval,
  madeBefore,
  retryRun,
  type StepOutcome,
  stepAt,
  stopRun,
} from './pipeline/run-steps.ts';
export { lookAtTriggers, nextScheduled, type TriggerSign } from './pipeline/triggers.ts';
export { judgeProbe, leastProbeRuns, noProbe, type ProbeFound } from './probe/judge-probe.ts';
export { defaultRails, type IncumbentHistory } from './release/default-rails.ts';
export { type Evidence, optionsOf } from './release/evidence.ts';
export { failedCalls } from './release/failures.ts';
export { judgeRelease, shareAt } from './release/judge-release.ts';
export { lookFrom, memoryJson, memoryOf, newMemory, remember, sinceOf } from './release/memory.ts';
export { rememberLook, trackOf } from './release/track.ts';
