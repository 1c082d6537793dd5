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
export { type ExportOptions, exportTraces } from './export-traces.ts';
