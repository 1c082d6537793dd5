import {
  runNameTag,
  type TrackedCondition,
  type TrackedExperimentField,
  type TrackedField,
  type TrackedOrder,
  type TrackedTest,
} from '@wheelhouse/core/records';
import { type RawBuilder, sql } from 'kysely';

type Sql = RawBuilder<unknown>;
type Check = RawBuilder<boolean>;

const table = (name: string) => sql.id('wheelhouse', name);

const operators = { '=': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=', LIKE: 'like', ILIKE: 'ilike' };

/** Whether a column that is there fits. */
function fits(column: Sql, test: TrackedTest): Check {
  switch (test.op) {
    case 'IS NULL':
      return sql`${column} is null`;
    case 'IS NOT NULL':
      return sql`${column} is not null`;
    case 'IN':
      return sql`${column} = any(${test.values}::text[])`;
    case 'NOT IN':
      return sql`${column} <> all(${test.values}::text[])`;
    default:
      return typeof test.value === 'number'
        ? sql`${column} ${sql.raw(operators[test.op])} ${test.value}::float8`
        : sql`${column} ${sql.raw(operators[test.op])} ${test.value}::text`;
  }
}

/** Of rows by key: NULL is the key that is not there. */
function keyed(rows: Sql, test: TrackedTest, value: Sql = sql`value`): Check {
  if (test.op === 'IS NULL') return sql`not exists (${rows})`;
  if (test.op === 'IS NOT NULL') return sql`exists (${rows})`;
  return sql`exists (${rows} and ${fits(value, test)})`;
}

const valueOfMetric = sql`case when is_nan then 'NaN'::float8 else value end`;

/** NaN fits nothing but `!=`, which IEEE 754 says and Postgres does not. */
const metricFits = (rows: Sql, test: TrackedTest): Check =>
  test.op === '!='
    ? sql`exists (${rows} and (is_nan or ${fits(sql`value`, test)}))`
    : sql`exists (${rows} and not is_nan and ${fits(sql`value`, test)})`;

const ofRun = (name: string, key: string) => sql`select 1 from ${table(name)} where run = r.seq and key = ${key}`;

const runColumns = {
  run_id: 'run_id',
  run_name: 'name',
  status: 'status',
  user_id: 'user_id',
  artifact_uri: 'artifact_uri',
  start_time: 'start_ms',
  end_time: 'end_ms',
} as const;

/** A condition over `tracked_runs r`. */
export function runFits({ field, test }: TrackedCondition): Check {
  switch (field.of) {
    case 'metric':
      return metricFits(ofRun('tracked_metrics', field.key), test);
    case 'param':
      return keyed(ofRun('tracked_params', field.key), test);
    case 'tag':
      return keyed(ofRun('tracked_tags', field.key), test);
    case 'dataset': {
      const column = sql.ref(field.name);
      return sql`exists (select 1 from ${table('tracked_inputs')} i where i.run = r.seq and ${fits(column, test)})`;
    }
    case 'text':
      if (field.name === 'run_name') return keyed(ofRun('tracked_tags', runNameTag), test);
      return fits(sql.ref(`r.${runColumns[field.name]}`), test);
    case 'time':
      return fits(sql.ref(`r.${runColumns[field.name]}`), test);
  }
}

const experimentColumns = { name: 'e.name', creation_time: 'e.created_ms', last_update_time: 'e.changed_ms' } as const;

/** A condition over `tracked_experiments e`. */
export function experimentFits({ field, test }: TrackedCondition<TrackedExperimentField>): Check {
  if (field.of === 'tag')
    return keyed(
      sql`select 1 from ${table('tracked_experiment_tags')} t
        where t.project_id = e.project_id and t.number = e.number and t.key = ${field.key}`,
      test,
    );
  return fits(field.name === 'experiment_id' ? sql`e.number::text` : sql.ref(experimentColumns[field.name]), test);
}

const direction = (descending: boolean) => sql.raw(descending ? 'desc' : 'asc');

/** MLflow's order: what has no value stands last, and NaN before it. */
export function runOrder(order: readonly TrackedOrder<TrackedField>[]): Sql {
  const parts = order.flatMap(({ field, descending }): Sql[] => {
    const way = direction(descending);
    if (field.of === 'metric') {
      const of = (column: Sql) =>
        sql`(select ${column} from ${table('tracked_metrics')} where run = r.seq and key = ${field.key})`;
      return [
        sql`coalesce(${of(sql`case when is_nan then 1 else 0 end`)}, 2)`,
        sql`${of(valueOfMetric)} ${way} nulls last`,
      ];
    }
    if (field.of === 'param' || field.of === 'tag') {
      const rows = field.of === 'param' ? 'tracked_params' : 'tracked_tags';
      return [
        sql`(select value from ${table(rows)} where run = r.seq and key = ${field.key}) collate "C" ${way} nulls last`,
      ];
    }
    if (field.of === 'dataset') return [];
    const column = sql.ref(`r.${runColumns[field.name]}`);
    return [field.of === 'time' ? sql`${column} ${way} nulls last` : sql`${column} collate "C" ${way}`];
  });
  return sql.join([...parts, sql`r.start_ms desc nulls last`, sql`r.run_id`]);
}

export function experimentOrder(order: readonly TrackedOrder<TrackedExperimentField>[]): Sql {
  const parts = order.flatMap(({ field, descending }): Sql[] => {
    if (field.of === 'tag') return [];
    const way = direction(descending);
    if (field.name === 'experiment_id') return [sql`e.number ${way}`];
    const column = sql.ref(experimentColumns[field.name]);
    return [field.name === 'name' ? sql`${column} collate "C" ${way}` : sql`${column} ${way}`];
  });
  return sql.join([...parts, sql`e.created_ms desc`, sql`e.number desc`]);
}
