export { normalQuantile } from './normal-quantile.ts';
export {
  minimumPairs,
  type PairedDifference,
  pairedDifference,
  type ScorePair,
  sortedMean,
} from './paired-difference.ts';
export { pairsToSettle } from './sample-size.ts';
export {
  exceedanceTest,
  holm,
  type Proportion,
  proportionDifference,
  wilsonInterval,
} from './two-proportions.ts';
