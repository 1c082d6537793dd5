import type { ErrorCode } from '@wheelhouse/core/records';

export const exitCodes = {
  done: 0,
  /** Also: a declared gate failed. */
  failed: 1,
  usage: 2,
  config: 3,
  network: 4,
  /** What it may cost was reached. */
  budget: 5,
  /** A declared gate could not be decided. */
  inconclusive: 6,
  stopped: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What the user typed is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const configCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'config_invalid',
  'bind_refused',
  'unauthorized',
  'upstream_key_missing',
]);
const networkCodes: ReadonlySet<string> = new Set<ErrorCode | 'unreachable' | 'unexpected_answer'>([
  'unreachable',
  'unexpected_answer',
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_cut',
  'store_unavailable',
]);
const usageCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid_request',
  'filter_invalid',
  'sql_refused',
  'signature_mismatch',
  'model_not_found',
  'not_found',
  'dataset_empty',
]);

/** Errors of the server and of the API client say what happened by the same codes. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (configCodes.has(code)) return exitCodes.config;
  if (networkCodes.has(code)) return exitCodes.network;
  return usageCodes.has(code) ? exitCodes.usage : exitCodes.failed;
}
