import type { FullRow, LightRow } from './read-span.ts';

type Side = 'input' | 'output';
/** What the summaries need beside what is read back. */
type SummaryColumn =
  | `${Side}_preview`
  | `${Side}_text`
  | 'tool_name'
  | 'service_tier'
  | 'hours'
  | 'minutes'
  | 'maybe_call';
type Column = Exclude<keyof FullRow | SummaryColumn, 'trace_id' | 'span_id'>;

/** Beyond what a DateTime holds all times are its last. */
export const hourOf = (ns: string): string =>
  `toStartOfHour(toDateTime(least(intDiv(${ns}, 1000000000), 4294965600), 'UTC'))`;
export const minuteOf = (ns: string): string =>
  `toStartOfMinute(toDateTime(least(intDiv(${ns}, 1000000000), 4294967220), 'UTC'))`;

/** Columns that are taken together from one fragment: the first, with a value, of the greatest rank. */
type Unit = {
  columns: readonly Column[];
  /** Whether a fragment says anything here. */
  present: string;
  /** Content, so that equals are told apart the same way in any order of arrival. */
  rank: string;
};

const textUnit = (column: Column): Unit => ({ columns: [column], present: `f.${column} != ''`, rank: `f.${column}` });
const listUnit = (column: Column): Unit => ({
  columns: [column],
  present: `notEmpty(f.${column})`,
  rank: `toString(f.${column})`,
});
/** Ranked by hash, so that what wins is found without reading it. */
const contentUnit = (side: Side): Unit => ({
  columns: [side],
  present: `f.${side}_hash != 0`,
  rank: `f.${side}_hash`,
});
/** Log records bring a content message by message: of those the last stands for it, where nobody gave it whole. */
const shownUnit = (side: Side): Unit => ({
  columns: [`${side}_preview`, `${side}_text`],
  present: `f.${side}_preview != '' OR f.${side}_hash != 0, f.${side}_hash != 0`,
  rank: `f.${side}_hash, f.start_ns, f.${side}_preview, f.${side}_text`,
});

const units: readonly Unit[] = [
  ...(
    [
      'parent_span_id',
      'name',
      'status_message',
      'provider',
      'request_model',
      'response_model',
      'response_id',
      'service_tier',
      'params',
      'tool_definitions',
      'tool_name',
      'tool_call',
      'documents',
      'session_id',
      'user_id',
      'environment',
      'release',
      'service',
    ] as const
  ).map(textUnit),
  listUnit('finish_reasons'),
  listUnit('tags'),
  contentUnit('input'),
  contentUnit('output'),
  shownUnit('input'),
  shownUnit('output'),
  { columns: ['kind'], present: "f.kind != 'span'", rank: 'f.kind' },
  { columns: ['status'], present: "f.status != 'unset'", rank: "f.status = 'error'" },
  {
    columns: ['model_name', 'model_version', 'model_alias'],
    present: "f.model_name != ''",
    rank: 'f.model_name, f.model_version, f.model_alias',
  },
  {
    columns: ['usage_source', 'usage_counts'],
    present: "f.usage_source != ''",
    rank: 'f.usage_source, toString(f.usage_counts)',
  },
  {
    columns: ['cost_nano_usd', 'cost_by_bucket', 'price_id', 'cost_revision'],
    // The newest re-pricing counts, whatever was reported when.
    present: 'isNotNull(f.cost_nano_usd), f.cost_revision',
    rank: 'ifNull(f.cost_nano_usd, 0), f.price_id, toString(f.cost_by_bucket)',
  },
  {
    columns: ['emitter_cost_nano_usd'],
    present: 'isNotNull(f.emitter_cost_nano_usd)',
    rank: 'ifNull(f.emitter_cost_nano_usd, 0)',
  },
  {
    columns: ['run_id', 'example_id', 'repetition'],
    present: "f.run_id != ''",
    rank: 'f.run_id, f.example_id, f.repetition',
  },
  { columns: ['dialect', 'normalizer'], present: "f.dialect != ''", rank: 'f.dialect, f.normalizer' },
];

/**
 * Fragments `f` that were read again by a newer normaliser: they yield to any other in all fields. Few are, so the set is
 * nearly always empty. Stands before the SELECT of every fold.
 * @param where of the fragments `f`, as in the fold
 */
export const withSuperseded = (where: string): string => `
WITH (f.trace_id, f.span_id, f.raw_id, f.normalizer) IN (
  SELECT f.trace_id, f.span_id, f.raw_id, arrayJoin(range(f.normalizer)) FROM spans AS f
  WHERE f.project_id = {project:String} AND f.read_anew AND ${where}) AS superseded`;

/** A value beats none, then a later report an earlier one, then a finished fragment an unfinished one, then content decides. */
const keyOf = (unit: Unit): string => `(${unit.present}, f.reported_ns, isNotNull(f.end_ns), ${unit.rank})`;

const times = {
  start_ns: 'min(f.start_ns)',
  end_ns: 'max(f.end_ns)',
  first_token_ns: 'minIf(f.first_token_ns, NOT superseded)',
};
/** Log records bring the messages of a call one by one, each as an event: all of them count, each once. */
const events = { events: 'groupUniqArrayArray(f.events)' };
/** Objects of all fragments, the one that counts most last: reports add members to what was said before. */
const objectsOf = (column: Column): string =>
  `arrayMap(said -> said.3, arraySort(groupUniqArrayIf((f.reported_ns, isNotNull(f.end_ns), f.${column}), NOT superseded)))`;
const objects = { metadata: objectsOf('metadata'), attributes: objectsOf('attributes') };
/** Where the span may have stood when fewer of its fragments were known. */
const before = {
  hours: 'groupUniqArray(f.hour)',
  minutes: `groupUniqArray(${minuteOf('f.start_ns')})`,
  maybe_call: "max(f.kind IN ('generation', 'embedding')) AND max(f.usage_source != '')",
};
/** What these are of a span with one fragment; all other columns are the fragment's. */
const ofOne = new Map<string, string>([
  ['hours', '[f.hour]'],
  ['minutes', `[${minuteOf('f.start_ns')}]`],
  ['maybe_call', "f.kind IN ('generation', 'embedding') AND f.usage_source != ''"],
]);
const folds = new Map<string, string>([
  ...Object.entries(times),
  ...Object.entries(before),
  ...Object.entries(events),
  ...Object.entries(objects),
  ...units.flatMap((unit) =>
    unit.columns.map((column): [string, string] => [column, `argMaxIf(f.${column}, ${keyOf(unit)}, NOT superseded)`]),
  ),
]);

/** Of a waterfall. */
const lightColumns = [
  'parent_span_id',
  'kind',
  'name',
  'start_ns',
  'end_ns',
  'first_token_ns',
  'status',
  'status_message',
  'provider',
  'request_model',
  'response_model',
  'model_name',
  'model_version',
  'usage_source',
  'usage_counts',
  'cost_nano_usd',
] as const satisfies readonly (keyof LightRow)[];

/** Of the calls that a trace is made of. */
const callColumns = [
  'minutes',
  'maybe_call',
  'parent_span_id',
  'kind',
  'start_ns',
  'end_ns',
  'first_token_ns',
  'status',
  'provider',
  'request_model',
  'response_model',
  'response_id',
  'model_name',
  'model_version',
  'usage_source',
  'usage_counts',
  'cost_nano_usd',
  'service',
  'environment',
  'run_id',
  'dialect',
] as const satisfies readonly Column[];

const summaryColumns = [
  ...callColumns,
  'hours',
  'name',
  'status_message',
  'session_id',
  'user_id',
  'release',
  'tags',
  'tool_name',
  'input_preview',
  'input_text',
  'output_preview',
  'output_text',
] as const satisfies readonly Column[];

/** What a span says of how it failed. */
const failingColumns = [
  'parent_span_id',
  'kind',
  'name',
  'start_ns',
  'end_ns',
  'status',
  'status_message',
  'provider',
  'request_model',
  'response_model',
  'model_name',
  'model_version',
  'finish_reasons',
  'tags',
  'user_id',
  'run_id',
  'input_preview',
] as const satisfies readonly Column[];

/** What tells of tools, refusals and retrieval. */
const factColumns = [
  'kind',
  'start_ns',
  'finish_reasons',
  'tool_name',
  'documents',
] as const satisfies readonly Column[];

/** What a price depends on, and what it came to. */
const pricingColumns = [
  'start_ns',
  'provider',
  'request_model',
  'response_model',
  'service_tier',
  'usage_source',
  'usage_counts',
  'cost_nano_usd',
] as const satisfies readonly Column[];

/** Of the traffic of registered models. */
const trafficColumns = [
  'parent_span_id',
  'start_ns',
  'end_ns',
  'status',
  'model_name',
  'model_version',
  'model_alias',
  'usage_source',
  'cost_nano_usd',
  'run_id',
] as const satisfies readonly Column[];

const columnsOf = {
  light: lightColumns,
  pricing: pricingColumns,
  calls: callColumns,
  failing: failingColumns,
  facts: factColumns,
  traffic: trafficColumns,
  summary: summaryColumns,
  full: [...folds.keys()].filter(
    (column) =>
      !/_(?:preview|text)$/.test(column) && !(column in before) && !['tool_name', 'service_tier'].includes(column),
  ),
};

/** What folds fragments `f` of a span, for a query that groups them itself, after {@link withSuperseded}. */
export const foldedColumns = (what: keyof typeof columnsOf): string =>
  columnsOf[what].map((column) => `${folds.get(column)} AS ${column}`).join(',\n');

/**
 * The one way to read spans: their fragments folded field by field, in a way that neither order nor repetition changes.
 * Parameters: `project`, and whatever `where` names, of the fragments `f`.
 * @param readAnew where those may be that were read again
 */
export function foldSql(where: string, what: keyof typeof columnsOf, readAnew = where): string {
  return `${withSuperseded(readAnew)}
SELECT f.trace_id AS trace_id, f.span_id AS span_id, ${foldedColumns(what)}
FROM spans AS f
WHERE f.project_id = {project:String} AND ${where}
GROUP BY f.trace_id, f.span_id`;
}

/**
 * As {@link foldSql}, for a great many spans: nearly all have one fragment, which is its own fold, and costs a tenth.
 * @param where is looked up three times
 */
export function foldManySql(where: string, what: 'calls' | 'summary' | 'traffic'): string {
  const columns = columnsOf[what].map((column) => `${ofOne.get(column) ?? `f.${column}`} AS ${column}`);
  const several = `(f.trace_id, f.span_id) IN (
  SELECT f.trace_id, f.span_id FROM spans AS f
  WHERE f.project_id = {project:String} AND ${where}
  GROUP BY f.trace_id, f.span_id HAVING count() > 1)`;
  return `
SELECT f.trace_id AS trace_id, f.span_id AS span_id, ${columns.join(',\n')}
FROM spans AS f
WHERE f.project_id = {project:String} AND ${where} AND NOT (${several})
UNION ALL
${foldSql(`${where} AND ${several}`, what, where)}`;
}

/** Fragments of the traces in the parameter `traces`: the hours that hold them are known, so only these are read. */
export const ofTraces = `(f.hour, f.trace_id) IN (
  SELECT arrayJoin(t.hours), t.trace_id FROM traces AS t
  WHERE t.project_id = {project:String} AND t.trace_id IN {traces:Array(String)})`;
