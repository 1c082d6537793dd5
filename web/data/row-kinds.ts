/** Which rows of an evaluation are shown. */
export const rowKinds = ['all', 'regressions', 'improvements', 'errors', 'flaky'] as const;
export type RowKind = (typeof rowKinds)[number];
