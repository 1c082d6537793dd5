import type { Nanos } from './time.ts';

/** Text with gaps: its parts stand in this order, anything may stand between them. One part is the text itself. */
export type TextPattern = readonly [string, ...string[]];
export type CompareOp = '>' | '>=' | '<' | '<=';

/** Fields that hold text; some of them several texts, one of which must fit. */
export const textFields = [
  'status',
  'name',
  'kind',
  'model',
  'provider',
  'tool',
  'service',
  'environment',
  'release',
  'tag',
  'session',
  'user',
  'run',
  'dialect',
  'trace',
] as const;
export type TextField = (typeof textFields)[number];

/** Fields that hold whole numbers: nanoseconds, nano-dollars or a count. */
export const numberFields = [
  'latency',
  'first_token',
  'cost',
  'tokens',
  'input_tokens',
  'output_tokens',
  'spans',
  'errors',
  'unpriced',
] as const;
export type NumberField = (typeof numberFields)[number];

/**
 * Which traces: a tree that `core/query` makes of the filter language, stores make SQL of, and `matches` decides in memory.
 * What a trace does not say fits no condition, and fits every negated one.
 */
export type Filter =
  | { readonly type: 'all'; readonly of: readonly Filter[] }
  | { readonly type: 'any'; readonly of: readonly Filter[] }
  | { readonly type: 'not'; readonly of: Filter }
  /** Words, in any case, anywhere in the name, the input or the output. */
  | { readonly type: 'words'; readonly text: string }
  /** One of the field's values fits one of the patterns; the empty text fits where there is no value. */
  | { readonly type: 'is'; readonly field: TextField; readonly patterns: readonly TextPattern[] }
  | { readonly type: 'compare'; readonly field: NumberField; readonly op: CompareOp; readonly value: bigint }
  | { readonly type: 'equals'; readonly field: NumberField; readonly values: readonly bigint[] }
  /** A score of that name, or of any when null; true counts as 1 and false as 0. */
  | { readonly type: 'score'; readonly name: string | null; readonly op: CompareOp; readonly value: number }
  /** A score whose value, as text, fits; with no patterns, whatever its value is. */
  | { readonly type: 'scored'; readonly name: string | null; readonly patterns: readonly TextPattern[] }
  | { readonly type: 'has'; readonly field: TextField | NumberField }
  /** Started so long ago or later. */
  | { readonly type: 'last'; readonly ns: Nanos }
  | { readonly type: 'since'; readonly ns: Nanos }
  /** Started before. */
  | { readonly type: 'until'; readonly ns: Nanos };

/** Fits every trace. */
export const everyTrace: Filter = { type: 'all', of: [] };
