export {
  type AdjustedDifference,
  adjustedDifference,
  type CovariatePopulation,
  type CovariateRow,
  minimumCovariateRows,
} from './adjusted-difference.ts';
export { type Agreement, minimumUnits } from './agreement/agreement.ts';
export { cohenKappa, type KappaWeights, type TwoRatings } from './agreement/cohen-kappa.ts';
export { fleissKappa, type UnitRatings } from './agreement/fleiss-kappa.ts';
export { krippendorffAlpha, type RatingLevel } from './agreement/krippendorff-alpha.ts';
export { type BootstrapOptions, bcaFrom, bcaInterval } from './bca-interval.ts';
export { bettingInterval } from './betting-sequence.ts';
export { binomialTail } from './binomial-tail.ts';
export { type DecidingRows, decidingRows } from './deciding-rows.ts';
export { differenceBounds } from './difference-bounds.ts';
export { minimumPairs, minimumRows, type PairedOptions, type ScoreRow, sortedMean } from './difference-sample.ts';
export { type Flakiness, flakiness } from './flakiness.ts';
export type { Interval } from './interval.ts';
export { type Calibration, type CalibrationBin, calibration, type Forecast } from './judges/calibration.ts';
export { type ChosenRow, chooseLabels, drawLabels, judgeDoubt } from './judges/choose-labels.ts';
export {
  type CorrectedDifference,
  type CorrectedScore,
  correctedDifference,
  correctedScore,
  type JudgedPair,
  type JudgedRow,
  type Label,
  labelsNeeded,
  minimumLabels,
} from './judges/corrected-score.ts';
export { type Diagnosis, minimumExamples } from './judges/diagnosis.ts';
export { type JudgeAgreement, type JudgedExample, judgeAgreement } from './judges/judge-agreement.ts';
export {
  type JudgedAnswer,
  lengthBias,
  type MeasuredAnswer,
  type OwnAndOther,
  type PositionBias,
  positionBias,
  type SwappedPair,
  selfPreference,
} from './judges/judge-bias.ts';
export { type CorrectedRate, type JudgeRates, minimumOfEachKind, roganGladen } from './judges/rogan-gladen.ts';
export { type MarginClaim, type MarginVerdict, marginVerdict } from './margin-verdict.ts';
export { estimateMean, type MeanEstimate } from './mean-interval.ts';
export { minimumSequence, mixtureInterval, type RunningMean } from './mixture-sequence.ts';
export { normalQuantile } from './normal-quantile.ts';
export { normalTail } from './normal-tail.ts';
export { type PairedDifference, pairedDifference } from './paired-difference.ts';
export { quantileBounds } from './quantile-bounds.ts';
export { quantileInterval } from './quantile-interval.ts';
export {
  type Match,
  matchesOfScores,
  minimumRankedRows,
  type RankedVariant,
  type Ranking,
  rankVariants,
} from './ranking/rank-variants.ts';
export { type PowerQuestion, powerOf, rowsNeeded, spreadOfRates } from './rows-needed.ts';
export { conformalP, type Detector, eValueOf, nextDetector, noDetector } from './shift/change-detector.ts';
export { type ChangePoint, changePoint } from './shift/change-point.ts';
export { type ChiSquareTest, chiSquareTest, type TwoCounts } from './shift/chi-square-test.ts';
export {
  binnedCounts,
  jensenShannonDistance,
  populationStability,
  wassersteinDistance,
} from './shift/distances.ts';
export { falseDiscoveries } from './shift/false-discoveries.ts';
export { type KsTest, ksTest } from './shift/ks-test.ts';
export { type MixTest, mixTest } from './shift/mix-test.ts';
export { type MmdTest, mmdTest } from './shift/mmd-test.ts';
export { signFlipTest } from './sign-flip-test.ts';
export { studentQuantile } from './student-quantile.ts';
export {
  type Arm,
  addToArms,
  armsInterval,
  copyOfArms,
  cutBlock,
  startTwoArms,
  type TwoArmOptions,
  type TwoArms,
} from './two-arm-sequence.ts';
export {
  exceedanceTest,
  holm,
  type Proportion,
  proportionDifference,
  wilsonInterval,
} from './two-proportions.ts';
export { uniformFrom } from './uniform.ts';
export { wilcoxon } from './wilcoxon.ts';
