/**
 * Why an attempt at a vendor failed. `auth`: the key is wrong or has no right; `quota`: the account is out of money;
 * `notFound`: the vendor has no such model; `cut`: the connection broke in the middle; `malformed`: the answer cannot be
 * read.
 */
export const failureKinds = [
  'invalid',
  'auth',
  'quota',
  'notFound',
  'rateLimited',
  'overloaded',
  'contextWindow',
  'contentPolicy',
  'server',
  'unreachable',
  'timeout',
  'cut',
  'malformed',
] as const;
export type FailureKind = (typeof failureKinds)[number];
