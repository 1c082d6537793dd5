export { learnRates, leastChance } from './abuse/learn-rates.ts';
export { newAbuseUser, nextAction } from './abuse/next-action.ts';
export { wordHashes } from './abuse/own-form.ts';
export { type RiskStep, riskOf, spendSlotMs } from './abuse/risk-of.ts';
export { panelPoints } from './dashboard/panel-points.ts';
export {
  isTotal,
  needsSpread,
  panelChange,
  panelValue,
} from './dashboard/panel-value.ts';
export {
  changeText,
  intervalText,
  panelGroupName,
  panelMeasureName,
  panelText,
} from './dashboard/panel-words.ts';
export { findDrift } from './drift/find-drift.ts';
export { rowsToEmbed } from './drift/look-at-text.ts';
export { type DriftFeature, type DriftPart, type DriftRow, driftKinds } from './drift/sides.ts';
export { type Failing, failsMoreOften } from './fails-more-often.ts';
export { isSlower, type Slowness } from './is-slower.ts';
export { type BadScoreRules, badBelow, badWhenTrue, suggestedRule, usualRule } from './issues/bad-scores.ts';
export { occurrencesOf, signalKey } from './issues/failing.ts';
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
  unusualReachOf,
} from './monitor/judge-window.ts';
export { type MonthSpend, monthSpend, monthSpendFromMs } from './monitor/month-spend.ts';
export { type GroupSeen, type GroupStep, groupName, nextGroups, summaryOfGroups } from './monitor/next-groups.ts';
export { type AlertStep, nextLook } from './monitor/next-look.ts';
export { hasRoom, spentOn, withSpent } from './monitor/spending.ts';
export { checkPipeline } from './pipeline/check-pipeline.ts';
export {
  afterStep,
  asksForCallers,
  beginStep,
  budgetSpent,
  candidateOf,
  costOf,
  freshSteps,
  isCallersReady,
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
export { allocatedBy, decideShare, startAllocation } from './release/allocate.ts';
export { defaultRails, historyDays, type IncumbentHistory } from './release/default-rails.ts';
export { type Evidence, optionsOf } from './release/evidence.ts';
export { failedCalls } from './release/failures.ts';
export { judgeRelease, shareAt, watchesQuality } from './release/judge-release.ts';
export { lookFrom, memoryJson, memoryOf, newMemory, remember, sinceOf } from './release/memory.ts';
export { decidedNext, reasonOfShare, shareDecisions } from './release/share-reason.ts';
export { rememberLook, trackOf } from './release/track.ts';
