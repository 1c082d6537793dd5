export type * from '@wheelhouse/core/contract';
export { livePath } from '@wheelhouse/core/contract/paths';
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  errorOf,
  unreachable,
  WheelhouseApiError,
} from './client.ts';
export { type Dataset, type NewExample, openDataset } from './dataset.ts';
export { exportRows, type ImportOptions, importRows } from './dataset-files.ts';
export { type ExportOptions, exportTraces } from './export-traces.ts';
export { namedScorer } from './named-scorer.ts';
export { rawRequest } from './raw-request.ts';
export { labelLines } from './review-labels.ts';
