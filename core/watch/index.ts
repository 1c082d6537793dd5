export { type DriftFeature, type DriftRow, findDrift } from './drift/find-drift.ts';
export { type Failing, failsMoreOften } from './fails-more-often.ts';
export { isSlower, type Slowness } from './is-slower.ts';
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
export { defaultRails, type IncumbentHistory } from './release/default-rails.ts';
export { addEvidence, type Evidence, evidenceJson, evidenceOf, noEvidence, optionsOf } from './release/evidence.ts';
export { judgeRelease, shareAt } from './release/judge-release.ts';
