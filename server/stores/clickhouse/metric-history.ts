import type { MetricHistory } from '@wheelhouse/core/ports';
import type { ProjectId, TrackedPoint, TrackedSeries } from '@wheelhouse/core/records';
import { text } from './columns.ts';
import type { Database } from './database.ts';

type PointRow = { step: string; timestamp_ms: string; value: number; is_nan: number };
type Row = { project_id: string; run_id: string; key: string } & PointRow;

const toRow = (project: string, runId: string, point: TrackedPoint): Row => ({
  ...{ project_id: project, run_id: runId, key: text(point.key) },
  ...{ step: String(point.step), timestamp_ms: String(point.timestampMs) },
  ...{ value: Number.isNaN(point.value) ? 0 : point.value, is_nan: Number.isNaN(point.value) ? 1 : 0 },
});

const toPoint = (row: PointRow): Omit<TrackedPoint, 'key'> => ({
  value: row.is_nan === 1 ? Number.NaN : row.value,
  timestampMs: Number(row.timestamp_ms),
  step: Number(row.step),
});

/** While one insert is under way the next gathers, because each costs much the same however few points it has. */
function createPutter(database: Database) {
  let waiting: { rows: Row[]; settled: Promise<void> } | null = null;
  let running: Promise<unknown> = Promise.resolve();
  return (rows: Row[]): Promise<void> => {
    if (waiting === null) {
      const batch: Row[] = [];
      const settled = running
        .catch(() => {})
        .then(() => {
          waiting = null;
          return database.insert('tracked_points', batch);
        });
      waiting = { rows: batch, settled };
      running = settled;
    }
    waiting.rows.push(...rows);
    return waiting.settled;
  };
}

/** FINAL, since the same point may have been stored twice. */
const from = `FROM tracked_points FINAL
  WHERE project_id = {project:String} AND run_id = {run:String} AND key = {key:String}`;

/** A stretch gives its first, last, lowest and highest point. */
const pointsOfStretch = 4;

const axis = (over: 'step' | 'time') => (over === 'step' ? 'step' : 'timestamp_ms');
const orderOf = (over: 'step' | 'time') =>
  over === 'step' ? 'step, timestamp_ms, value' : 'timestamp_ms, step, value';

/** A point by column, because that is many times as fast as by tuple; all three make the same choice. */
const chosen = (how: 'argMin' | 'argMax', by: string) =>
  `(${['step', 'timestamp_ms', 'value'].map((column) => `${how}(${column}, ${by})`).join(', ')})`;

const thinnedSql = (over: 'step' | 'time') => {
  const x = axis(over);
  const four = [chosen('argMin', x), chosen('argMax', x), chosen('argMin', 'value'), chosen('argMax', 'value')];
  return `
  SELECT DISTINCT one.1 AS step, one.2 AS timestamp_ms, one.3 AS value
  FROM (
    SELECT arrayJoin([${four.join(', ')}]) AS one ${from} AND is_nan = 0
    GROUP BY toUInt32(least((toFloat64(${x}) - {low:Float64}) / {length:Float64}, 0.999999) * {stretches:UInt32})
  )
  ORDER BY ${orderOf(over)}`;
};

type Bounds = { count: string; low: number; high: number };

/** Every point of every metric of tracked runs. */
export function createMetricHistory(database: Database): MetricHistory {
  const put = createPutter(database);

  async function seriesOf(
    project: ProjectId,
    runId: string,
    { key, over, most }: { key: string; over: 'step' | 'time'; most: number },
  ): Promise<TrackedSeries> {
    const params = { project, run: runId, key };
    const x = axis(over);
    const [bounds] = await database.query<Bounds>(
      `SELECT count() AS count, toFloat64(min(${x})) AS low, toFloat64(max(${x})) AS high ${from} AND is_nan = 0`,
      params,
    );
    const { count = '0', low = 0, high = 0 } = bounds ?? {};
    const isShort = Number(count) <= most;
    const rows = await database.query<Omit<PointRow, 'is_nan'>>(
      isShort
        ? `SELECT step, timestamp_ms, value ${from} AND is_nan = 0 ORDER BY ${orderOf(over)} LIMIT {most:UInt32}`
        : thinnedSql(over),
      {
        ...{ ...params, most, low, length: Math.max(high - low, 1) },
        stretches: Math.max(1, Math.floor(most / pointsOfStretch)),
      },
    );
    return { runId, key, count: Number(count), points: rows.map((row) => toPoint({ ...row, is_nan: 0 })) };
  }

  return {
    async put(project, runId, points) {
      if (points.length > 0) await put(points.map((point) => toRow(project, runId, point)));
    },

    async points(project, { runId, key, limit, after }) {
      const behind = after
        ? 'AND (timestamp_ms, step, value, is_nan) > ({time:Int64}, {step:Int64}, {value:Float64}, {nan:UInt8})'
        : '';
      const rows = await database.query<PointRow>(
        `SELECT timestamp_ms, step, value, is_nan ${from} ${behind}
         ORDER BY timestamp_ms, step, value, is_nan LIMIT {limit:UInt32}`,
        {
          ...{ project, run: runId, key, limit, time: after?.timestampMs ?? 0, step: after?.step ?? 0 },
          ...{ value: after && !Number.isNaN(after.value) ? after.value : 0, nan: Number.isNaN(after?.value) ? 1 : 0 },
        },
      );
      return rows.map((row) => ({ key, ...toPoint(row) }));
    },

    async series(project, { runs, ...ask }) {
      const all: TrackedSeries[] = [];
      for (const runId of runs) all.push(await seriesOf(project, runId, ask));
      return all;
    },
  };
}
