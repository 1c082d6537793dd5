export {
  minimumPairs,
  type PairedDifference,
  pairedDifference,
  type ScorePair,
  sortedMean,
} from './paired-difference.ts';
export { pairsToSettle } from './sample-size.ts';
