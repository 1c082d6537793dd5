import { boundLevels, type Moments, type Spread } from '@wheelhouse/core/records';

type MomentName = 'latency' | 'first' | 'input' | 'output' | 'cost';

/** What each is of a line of a trace; NULL where it was not measured. */
const columns: Record<MomentName, string> = {
  latency: 'duration_ns',
  first: 'first_token_ns_min',
  input: 'input_tokens',
  output: 'output_tokens',
  cost: 'cost_nano_usd',
};
const names = Object.keys(columns) as MomentName[];
const levels = boundLevels.join(', ');

const number = (sql: string) => `toFloat64(assumeNotNull(${sql}))`;
const sketch = (sql: string) => `quantilesDDStateIf(0.01, ${levels})(${number(sql)}, isNotNull(${sql}))`;

/** More measures of a series: partial sums of lines as a SELECT list, their names, and what adds them up. */
export type MoreSums = { parts: string; sums: string; whole: string };

const spreadParts = [
  ...names.flatMap((name) => {
    const [value, known] = [number(columns[name]), `isNotNull(${columns[name]})`];
    return [
      `avgStateIf(${value}, ${known}) AS ${name}_avg`,
      `stddevSampStableStateIf(${value}, ${known}) AS ${name}_sd`,
      `countIf(${known}) AS ${name}_n`,
    ];
  }),
  `uniqCombined64StateIf(user_id, user_id != '') AS named_users`,
  `${sketch(columns.latency)} AS latency_sketch`,
  `${sketch(columns.first)} AS first_sketch`,
].join(', ');

const spreadSums = [
  ...names.flatMap((name) => [`${name}_avg`, `${name}_sd`, `${name}_n`]),
  ...['named_users', 'latency_sketch', 'first_sketch'],
].join(', ');

const moments = (name: MomentName) =>
  `(avgMerge(${name}_avg), stddevSampStableMerge(${name}_sd), sum(${name}_n)) AS ${name}_moments`;

const wholeSpread = [
  ...names.map(moments),
  'uniqCombined64Merge(named_users) AS users',
  `quantilesDDMerge(0.01, ${levels})(latency_sketch) AS latency_at`,
  `quantilesDDMerge(0.01, ${levels})(first_sketch) AS first_at`,
].join(', ');

/** @param counted the condition that is counted besides; null: none is */
export function moreSums({ spread, counted }: { spread: boolean; counted: string | null }): MoreSums {
  const all = [
    ...(spread ? [{ parts: spreadParts, sums: spreadSums, whole: wholeSpread }] : []),
    ...(counted === null
      ? []
      : [{ parts: `countIf(${counted}) AS fits`, sums: 'fits', whole: 'sum(fits) AS counted' }]),
  ];
  const listed = (name: keyof MoreSums) => all.map((one) => `, ${one[name]}`).join('');
  return { parts: listed('parts'), sums: listed('sums'), whole: listed('whole') };
}

type MomentRow = [mean: number | null, sd: number | null, count: string];
export type SpreadRow = Record<`${MomentName}_moments`, MomentRow> & {
  users: string;
  latency_at: (number | null)[];
  first_at: (number | null)[];
};

const toMoments = ([mean, sd, count]: MomentRow): Moments | null =>
  mean === null ? null : { mean, sd: Number(count) < 2 ? null : sd, count: Number(count) };

const known = (values: readonly (number | null)[]): number[] | null => {
  const all = values.flatMap((value) => value ?? []);
  return all.length === values.length ? all : null;
};

/** @param score of the same traces, which is read by itself */
export const toSpread = (row: SpreadRow, score: Moments | null): Spread => ({
  latency: toMoments(row.latency_moments),
  firstToken: toMoments(row.first_moments),
  inputTokens: toMoments(row.input_moments),
  outputTokens: toMoments(row.output_moments),
  cost: toMoments(row.cost_moments),
  score: score && { mean: score.mean, sd: score.count < 2 ? null : score.sd, count: score.count },
  users: Number(row.users),
  latencyAt: known(row.latency_at),
  firstTokenAt: known(row.first_at),
});
