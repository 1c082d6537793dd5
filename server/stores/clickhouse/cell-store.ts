import type { CellMark, CellStore, EarlierAnswer, MeasuredCell, RowAsk } from '@wheelhouse/core/ports';
import { type Cell, canonicalJson, type ExampleId, type RunId, type TraceId } from '@wheelhouse/core/records';
import { bigintOrNull, chunksOf, int64, text, uint64 } from './columns.ts';
import type { Database } from './database.ts';

type CellRow = {
  run_id: string;
  example_id: string;
  repetition: number;
  output: string | null;
  error: string | null;
  scores: string;
  latency_ns: string;
  cost_nano_usd: string | null;
  judge_nano_usd: string;
  trace_id: string;
  cached: number;
  answer_key: string;
};

const columns = `run_id, example_id, repetition, output, error, scores, latency_ns, cost_nano_usd, judge_nano_usd,
  trace_id, cached, answer_key`;
const ofProject = 'project_id = {project:String}';
const idsPerQuery = 500;

const toCell = (row: CellRow): Cell => ({
  runId: row.run_id as RunId,
  exampleId: row.example_id as ExampleId,
  repetition: row.repetition,
  output: row.output,
  error: row.error,
  scores: JSON.parse(row.scores) as Cell['scores'],
  latencyNs: BigInt(row.latency_ns),
  costNanoUsd: bigintOrNull(row.cost_nano_usd),
  judgeNanoUsd: BigInt(row.judge_nano_usd),
  traceId: row.trace_id === '' ? null : (row.trace_id as TraceId),
  cached: row.cached === 1,
  answerKey: row.answer_key,
});

const toRow = (project: string, cell: Cell) => ({
  project_id: project,
  run_id: cell.runId,
  example_id: cell.exampleId,
  repetition: cell.repetition,
  output: cell.output === null ? null : text(cell.output),
  error: cell.error === null ? null : text(cell.error),
  scores: canonicalJson(cell.scores),
  latency_ns: uint64(cell.latencyNs),
  cost_nano_usd: cell.costNanoUsd === null ? null : int64(cell.costNanoUsd),
  judge_nano_usd: int64(cell.judgeNanoUsd),
  trace_id: cell.traceId ?? '',
  cached: cell.cached ? 1 : 0,
  answer_key: cell.answerKey,
});

/** The first of each place; within one insert the table could not tell which that was. */
function firstOfEach(cells: readonly Cell[]): Cell[] {
  const byPlace = new Map<string, Cell>();
  for (const cell of cells) {
    const place = JSON.stringify([cell.runId, cell.exampleId, cell.repetition]);
    if (!byPlace.has(place)) byPlace.set(place, cell);
  }
  return [...byPlace.values()];
}

/** A cell's value of the measure that is the parameter `measure`; see `measured` in core/eval. */
function valueSql(measure: string): string {
  if (measure === 'errors') return 'toFloat64(error IS NOT NULL)';
  if (measure === 'latency') return 'if(error IS NULL AND latency_ns > 0, latency_ns / 1e9, NULL)';
  if (measure === 'cost') return 'if(error IS NULL, cost_nano_usd / 1e9, NULL)';
  return "if(error IS NULL, JSONExtract(scores, {measure:String}, 'score', 'Nullable(Float64)'), NULL)";
}
const labelSql = (measure: string): string =>
  measure === 'errors' || measure === 'latency' || measure === 'cost'
    ? 'CAST(NULL AS Nullable(String))'
    : "if(error IS NULL, JSONExtract(scores, {measure:String}, 'label', 'Nullable(String)'), NULL)";

/** Each candidate's rows beside the baseline's: how much it changed, whether something failed or was not the same twice. */
const rowsSql = ({ measure }: RowAsk) => `
  WITH cells AS (
    SELECT run_id, example_id, error IS NOT NULL AS is_error, ${valueSql(measure)} AS value
    FROM eval_cells FINAL
    WHERE ${ofProject} AND run_id IN {all:Array(String)}
  ), sides AS (
    SELECT example_id, run_id, avg(value) AS mean, max(is_error) AS failed,
      uniqExact(value) > 1 AS differs
    FROM cells GROUP BY example_id, run_id
  ), baselines AS (SELECT * FROM sides WHERE run_id = {baseline:String})
  SELECT s.example_id AS example_id,
    s.mean - b.mean AS change, greatest(s.failed, b.failed) AS failed, greatest(s.differs, b.differs) AS differs
  FROM (SELECT * FROM sides WHERE run_id != {baseline:String} OR length({all:Array(String)}) = 1) AS s
  LEFT JOIN baselines AS b ON b.example_id = s.example_id
  SETTINGS join_use_nulls = 1`;

const kindSql = (less: boolean) => ({
  regressions: less ? 'change > 0' : 'change < 0',
  improvements: less ? 'change < 0' : 'change > 0',
  errors: 'failed = 1',
  flaky: 'differs = 1',
});

function createRows(database: Database): Pick<CellStore, 'rowsOf' | 'countRows'> {
  const paramsOf = (project: string, { baseline, runs, measure }: RowAsk) => ({
    ...{ project, baseline, measure, all: [...new Set([baseline, ...runs])] },
  });
  return {
    async rowsOf(project, ask) {
      const rows = await database.query<{ example_id: string; largest: number | null }>(
        `SELECT example_id, argMax(change, abs(ifNull(change, 0))) AS largest FROM (${rowsSql(ask)})
         WHERE ${kindSql(ask.lessIsBetter)[ask.kind]}
         GROUP BY example_id ORDER BY max(abs(ifNull(change, 0))) DESC, example_id
         LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
        { ...paramsOf(project, ask), limit: ask.limit, offset: ask.offset },
      );
      return rows.map(({ example_id, largest }) => ({ exampleId: example_id as ExampleId, change: largest }));
    },
    async countRows(project, ask) {
      const kinds = Object.entries(kindSql(ask.lessIsBetter));
      const [row] = await database.query<Record<string, string>>(
        `SELECT ${kinds.map(([kind, sql]) => `uniqExactIf(example_id, ifNull(${sql}, 0)) AS ${kind}`).join(', ')}
         FROM (${rowsSql(ask)})`,
        paramsOf(project, ask),
      );
      const of = (kind: string) => Number(row?.[kind] ?? 0);
      return {
        ...{ regressions: of('regressions'), improvements: of('improvements') },
        ...{ errors: of('errors'), flaky: of('flaky') },
      };
    },
  };
}

type Of = { runs: RunId[]; examples: ExampleId[] };

export function createCellStore(database: Database): CellStore {
  /** Ids of examples travel in the URL, so they go in pieces. */
  async function readRows<Row>(select: string, project: string, { runs, examples }: Of): Promise<Row[]> {
    const found: Row[] = [];
    for (const ids of chunksOf(examples, idsPerQuery))
      found.push(
        ...(await database.query<Row>(
          `SELECT ${select} FROM eval_cells FINAL
           WHERE ${ofProject} AND run_id IN {runs:Array(String)} AND example_id IN {ids:Array(String)}`,
          { project, runs, ids },
        )),
      );
    return found;
  }

  return {
    put: (project, cells) =>
      database.insert(
        'eval_cells',
        firstOfEach(cells).map((cell) => toRow(project, cell)),
      ),

    ofRows: async (project, of) => (await readRows<CellRow>(columns, project, of)).map(toCell),

    async marks(project, of) {
      const select = `run_id, example_id, repetition, error IS NOT NULL AS failed, cached, cost_nano_usd, judge_nano_usd`;
      const rows = await readRows<CellRow & { failed: number }>(select, project, of);
      return rows.map(
        (row): CellMark => ({
          runId: row.run_id as RunId,
          exampleId: row.example_id as ExampleId,
          repetition: row.repetition,
          failed: row.failed === 1,
          cached: row.cached === 1,
          costNanoUsd: bigintOrNull(row.cost_nano_usd),
          judgeNanoUsd: BigInt(row.judge_nano_usd),
        }),
      );
    },

    async tally(project, runs) {
      const [row] = await database.query<{ done: string; failed: string; cached: string; cost: string | null }>(
        `SELECT count() AS done, countIf(c.error IS NOT NULL) AS failed, sum(c.cached) AS cached,
           if(countIf(c.cached = 0 AND c.cost_nano_usd IS NOT NULL OR c.judge_nano_usd > 0) = 0, NULL,
             ifNull(sumIf(c.cost_nano_usd, c.cached = 0), 0) + sum(c.judge_nano_usd)) AS cost
         FROM eval_cells AS c FINAL WHERE ${ofProject} AND run_id IN {runs:Array(String)}`,
        { project, runs },
      );
      return {
        ...{ done: Number(row?.done ?? 0), failed: Number(row?.failed ?? 0), cached: Number(row?.cached ?? 0) },
        costNanoUsd: bigintOrNull(row?.cost ?? null),
      };
    },

    async answers(project, keys) {
      const found = new Map<string, EarlierAnswer>();
      for (const some of chunksOf(keys, idsPerQuery)) {
        const rows = await database.query<CellRow>(
          `SELECT answer_key, output, latency_ns, cost_nano_usd, trace_id FROM eval_cells
           WHERE ${ofProject} AND answer_key IN {some:Array(String)} AND error IS NULL
           ORDER BY precedence DESC LIMIT 1 BY answer_key`,
          { project, some },
        );
        for (const { answer_key, output, latency_ns, cost_nano_usd, trace_id } of rows)
          found.set(answer_key, {
            output: output ?? '',
            latencyNs: BigInt(latency_ns),
            costNanoUsd: bigintOrNull(cost_nano_usd),
            traceId: trace_id === '' ? null : (trace_id as TraceId),
          });
      }
      return found;
    },

    async measured(project, { run, measure, limit, after }) {
      const rows = await database.query<Pick<CellRow, 'example_id' | 'repetition'> & Omit<MeasuredCell, 'exampleId'>>(
        `SELECT example_id, repetition, ${valueSql(measure)} AS value, ${labelSql(measure)} AS label
         FROM eval_cells FINAL
         WHERE ${ofProject} AND run_id = {run:String}
           ${after === undefined ? '' : 'AND (example_id, repetition) > ({id:String}, {repetition:UInt32})'}
         ORDER BY example_id, repetition LIMIT {limit:UInt32}`,
        { project, run, measure, limit, id: after?.exampleId ?? '', repetition: after?.repetition ?? 0 },
      );
      return rows.map(({ example_id, repetition, value, label }) => ({
        ...{ exampleId: example_id as ExampleId, repetition, value, label },
      }));
    },

    async finishedRows(project, { runs, measure, cells, limit }) {
      const rows = await database.query<{ example_id: string; sides: [string, number | null][] }>(
        `SELECT example_id, groupArray((run_id, mean)) AS sides FROM (
           SELECT example_id, run_id, avg(${valueSql(measure)}) AS mean, count() AS cells, min(precedence) AS newest
           FROM eval_cells FINAL
           WHERE ${ofProject} AND run_id IN {runs:Array(String)} GROUP BY example_id, run_id
         )
         GROUP BY example_id HAVING sum(cells) = {cells:UInt32}
         ORDER BY min(newest) DESC, example_id LIMIT {limit:UInt32}`,
        { project, runs, measure, cells, limit },
      );
      return rows.map(({ example_id, sides }) => {
        const means = new Map(sides);
        return { exampleId: example_id as ExampleId, means: runs.map((run) => means.get(run) ?? null) };
      });
    },

    ...createRows(database),

    removeRuns: (project, runs) =>
      database.command(
        `ALTER TABLE eval_cells DELETE WHERE ${ofProject} AND run_id IN {runs:Array(String)} SETTINGS mutations_sync = 2`,
        { project, runs },
      ),
  };
}
