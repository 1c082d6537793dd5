import type { FullRow, LightRow } from './span-row.ts';

type Column = Exclude<keyof FullRow, 'trace_id' | 'span_id'>;

/** Columns that are taken together from one fragment: the first, with a value, of the greatest rank. */
type Unit = {
  columns: readonly (Column | 'input_text' | 'output_text')[];
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
/** Ranked by hash, so that a list that wants the preview need not read the payload. */
const contentUnit = (side: 'input' | 'output'): Unit => ({
  columns: [side, `${side}_preview`, `${side}_text`],
  present: `f.${side}_hash != ''`,
  rank: `f.${side}_hash`,
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
      'params',
      'tool_definitions',
      'tool_call',
      'documents',
      'session_id',
      'user_id',
      'environment',
      'release',
      'metadata',
      'service',
      'attributes',
      'events',
    ] as const
  ).map(textUnit),
  listUnit('finish_reasons'),
  listUnit('tags'),
  contentUnit('input'),
  contentUnit('output'),
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
    columns: ['cost_nano_usd', 'cost_by_bucket', 'price_id'],
    present: 'isNotNull(f.cost_nano_usd)',
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

/** A value beats none, then a finished fragment an unfinished one, then content decides. */
const keyOf = (unit: Unit): string => `(${unit.present}, isNotNull(f.end_ns), ${unit.rank})`;

const times = { start_ns: 'min(f.start_ns)', end_ns: 'max(f.end_ns)', first_token_ns: 'min(f.first_token_ns)' };
const folds = new Map<string, string>([
  ...Object.entries(times),
  ...units.flatMap((unit) =>
    unit.columns.map((column): [string, string] => [column, `argMax(f.${column}, ${keyOf(unit)})`]),
  ),
]);

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
  'response_id',
  'model_name',
  'model_version',
  'usage_source',
  'usage_counts',
  'cost_nano_usd',
  'session_id',
  'user_id',
  'service',
  'dialect',
  'input_preview',
  'output_preview',
] as const satisfies readonly (keyof LightRow)[];

const fullColumns = [...folds.keys()].filter((column) => !column.endsWith('_text'));

/** Which of the words stand in a text, in any case. */
export const wordsIn = (column: string): string =>
  `arrayMap(word -> positionCaseInsensitiveUTF8(${column}, word) > 0, {words:Array(String)})`;

/** Which of the words stand in the text of the content that won. */
function foundWords(side: 'input' | 'output'): string {
  const unit = contentUnit(side);
  return `argMax(${wordsIn(`f.${side}_text`)}, ${keyOf(unit)}) AS ${side}_words`;
}

/** What {@link foldSql} gives beside the light columns when it looks for words. */
export type WordRow = LightRow & { input_words: boolean[]; output_words: boolean[] };

/**
 * The one way to read spans: their fragments folded field by field, in a way that neither order nor repetition changes.
 * Parameters: `project`, whatever `where` names (of the fragments `f`), and `words` when they are looked for.
 */
export function foldSql(where: string, what: 'light' | 'full' | 'words'): string {
  const columns = what === 'full' ? fullColumns : lightColumns;
  const selected = columns.map((column) => `${folds.get(column)} AS ${column}`);
  if (what === 'words') selected.push(foundWords('input'), foundWords('output'));
  return `
SELECT f.trace_id AS trace_id, f.span_id AS span_id, ${selected.join(',\n')}
FROM spans AS f
WHERE f.project_id = {project:String} AND ${where}
GROUP BY f.trace_id, f.span_id`;
}
