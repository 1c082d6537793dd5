import {
  type Actor,
  isNewerPoint,
  type JsonObject,
  runNameTag,
  type TrackedInput,
  type TrackedPoint,
  type TrackedRunStatus,
  type TrackedTag,
  trackedRunStatuses,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { MlflowCalls, TrackingDeps } from './deps.ts';
import {
  checkLength,
  checkName,
  doubleOf,
  integerOr,
  invalid,
  missing,
  objectsOf,
  paramOf,
  tagOf,
  textOf,
  textOr,
  textsOf,
} from './fields.ts';
import { wrong } from './mlflow-error.ts';
import { limitOf, offsetIn, pageOf, placeOf, stageOf, tokenOf } from './pages.ts';
import { parseRunFilter, parseRunOrder } from './parse-search.ts';
import { newRunName } from './run-name.ts';
import { infoBody, pointBody, runBody } from './wire.ts';

const most = { metrics: 1_000, params: 100, tags: 100, all: 1_000, datasets: 1_000, history: 25_000 };
const lengths = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 };

/** Older clients say `run_uuid`. */
const runIdOf = (body: JsonObject): string => textOr(body, 'run_id') || textOf(body, 'run_uuid', 'run_id');

function statusOf(body: JsonObject): TrackedRunStatus | null {
  const { status } = body;
  if (status === undefined || status === null) return null;
  const found = trackedRunStatuses.find((one, i) => one === status || i + 1 === status);
  if (found === undefined) throw invalid('status', status);
  return found;
}

function pointOf(body: JsonObject, path = ''): TrackedPoint {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const key = textOf(body, 'key', at('key'));
  const value = doubleOf(body, 'value', at('value'));
  const timestampMs = integerOr(body, 'timestamp', at('timestamp'));
  if (timestampMs === null) throw missing(at('timestamp'));
  checkName(key, at('name'), 'Metric name');
  if (timestampMs < 0) throw invalid(at('timestamp'), timestampMs);
  return { key, value, timestampMs, step: integerOr(body, 'step', at('step')) ?? 0 };
}

function inputOf(body: JsonObject, path: string): TrackedInput {
  const [dataset] = objectsOf({ dataset: [body.dataset ?? {}] }, 'dataset');
  const of = (name: keyof typeof lengths) =>
    checkLength(textOf(dataset ?? {}, name, `${path}.dataset.${name}`), lengths[name], name);
  const optional = (name: 'schema' | 'profile') => {
    const text = textOr(dataset ?? {}, name);
    return text === null ? null : checkLength(text, lengths[name], name);
  };
  return {
    ...{ name: of('name'), digest: of('digest'), source: of('source') },
    sourceType: textOf(dataset ?? {}, 'source_type', `${path}.dataset.source_type`),
    ...{ schema: optional('schema'), profile: optional('profile') },
    tags: objectsOf(body, 'tags').map((tag) => ({ key: textOf(tag, 'key'), value: textOr(tag, 'value') ?? '' })),
  };
}

function upTo(limit: number, what: string, count: number): void {
  if (count <= limit) return;
  throw wrong(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. ` +
      `Please split up ${what} across multiple requests and try again.`,
  );
}

function checkUnique(params: readonly TrackedTag[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size).map(({ key }) => `'${key}'`);
  if (twice.length > 0)
    throw wrong(
      `Duplicate parameter keys have been submitted: [${twice.join(', ')}]. Please ensure the request contains only one param value per param key.`,
    );
}

/** The newest of each metric. */
function latestOf(points: readonly TrackedPoint[]): TrackedPoint[] {
  const latest = new Map<string, TrackedPoint>();
  for (const point of points) {
    const known = latest.get(point.key);
    if (!known || isNewerPoint(point, known)) latest.set(point.key, point);
  }
  return [...latest.values()];
}

/** Python shows texts so. */
const repr = (text: string) =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;

const noRun = (id: string) => new WheelhouseError('not_found', `Run with id=${id} not found`);

type Recorded = { params?: TrackedTag[]; tags?: TrackedTag[]; points?: TrackedPoint[] };

/** What a run says of itself. Its records first, which refuse; the history bears being written again. */
function recorder({ store, history }: TrackingDeps) {
  return async (by: Actor, id: string, { params = [], tags = [], points = [] }: Recorded) => {
    const { changed } = await store.record(by, id, { params, tags, latest: latestOf(points) });
    if (changed.length === 0) await history.put(by.project, id, points);
    return changed;
  };
}

function recordCalls(deps: TrackingDeps): MlflowCalls {
  const record = recorder(deps);
  const { store } = deps;
  return {
    async 'POST /runs/log-metric'(by, body) {
      const id = runIdOf(body);
      await record(by, id, { points: [pointOf(body)] });
      return {};
    },
    async 'POST /runs/log-parameter'(by, body) {
      const id = runIdOf(body);
      const [changed] = await record(by, id, { params: [paramOf(body)] });
      if (changed)
        throw wrong(
          `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${changed.was}' for run ID='${id}'. Attempted logging new value '${changed.now}'.`,
        );
      return {};
    },
    async 'POST /runs/log-batch'(by, body) {
      const id = textOf(body, 'run_id');
      const metrics = objectsOf(body, 'metrics');
      const points = metrics.map((metric, i) => pointOf(metric, `metrics[${i}]`));
      const params = objectsOf(body, 'params').map((param, i) => paramOf(param, `params[${i}]`));
      const tags = objectsOf(body, 'tags').map((tag, i) => tagOf(tag, `tags[${i}]`));
      upTo(most.metrics, 'metrics', points.length);
      upTo(most.params, 'params', params.length);
      upTo(most.tags, 'tags', tags.length);
      upTo(most.all, 'metrics, params, and tags', points.length + params.length + tags.length);
      checkUnique(params);
      const changed = await record(by, id, { params, tags, points });
      if (changed.length === 0) return {};
      const list = changed.map(
        ({ key, was, now }) => `{'key': ${repr(key)}, 'old_value': ${repr(was)}, 'new_value': ${repr(now)}}`,
      );
      throw wrong(
        `Changing param values is not allowed. Params were already logged='[${list.join(', ')}]' for run ID='${id}'.`,
      );
    },
    async 'POST /runs/set-tag'(by, body) {
      await record(by, runIdOf(body), { tags: [tagOf(body)] });
      return {};
    },
    async 'POST /runs/delete-tag'(by, body) {
      const [id, key] = [runIdOf(body), textOf(body, 'key')];
      if (!(await store.untagRun(by, id, key)))
        throw new WheelhouseError('not_found', `No tag with name: ${key} in run with id ${id}`);
      return {};
    },
    async 'POST /runs/log-inputs'(by, body) {
      const datasets = objectsOf(body, 'datasets');
      upTo(most.datasets, 'datasets', datasets.length);
      const inputs = datasets.map((dataset, i) => inputOf(dataset, `datasets[${i}]`));
      await store.addInputs(by, runIdOf(body), inputs);
      return {};
    },
    async 'GET /metrics/get-history'(by, body) {
      const [id, key] = [runIdOf(body), textOf(body, 'metric_key')];
      const limit = Math.min(integerOr(body, 'max_results') ?? most.history, most.history);
      if (limit < 1) throw invalid('max_results', limit);
      const place = placeOf(textOr(body, 'page_token'));
      if (!(await store.run(by.project, id))) throw noRun(id);
      const after = Object.keys(place).length === 0 ? {} : { after: pointOf({ ...place, key }) };
      const found = await deps.history.points(by.project, { runId: id, key, limit: limit + 1, ...after });
      const points = found.slice(0, limit);
      const last = points.at(-1);
      return {
        ...(points.length > 0 && { metrics: points.map(pointBody) }),
        ...(found.length > limit && last && { next_page_token: tokenOf(pointBody(last)) }),
      };
    },
  };
}

/** `/api/2.0/mlflow/runs/…` and `metrics/get-history` */
export function runCalls(deps: TrackingDeps): MlflowCalls {
  const { store, random } = deps;
  const newId = () => Buffer.from(random.bytes(16)).toString('hex');
  return {
    ...recordCalls(deps),
    async 'POST /runs/create'(by, body) {
      const tags = objectsOf(body, 'tags').map((tag, i) => tagOf(tag, `tags[${i}]`));
      const tagged = tags.find(({ key }) => key === runNameTag)?.value ?? '';
      const named = textOr(body, 'run_name') ?? '';
      if (named !== '' && tagged !== '' && named !== tagged)
        throw wrong(
          `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${named}', mlflow.runName='${tagged}').`,
        );
      const name = named || tagged || newRunName(random);
      const run = await store.createRun(by, {
        ...{ id: newId(), experimentId: textOr(body, 'experiment_id') || '0', name },
        userId: textOr(body, 'user_id') ?? '',
        startMs: integerOr(body, 'start_time'),
        tags: tagged === '' ? [...tags, { key: runNameTag, value: name }] : tags,
      });
      return { run: runBody(run) };
    },
    async 'GET /runs/get'(by, body) {
      const id = runIdOf(body);
      const run = await store.run(by.project, id);
      if (!run) throw noRun(id);
      return { run: runBody(run) };
    },
    async 'POST /runs/update'(by, body) {
      const status = statusOf(body);
      const endMs = integerOr(body, 'end_time');
      const name = textOr(body, 'run_name') ?? '';
      const info = await store.updateRun(by, runIdOf(body), {
        ...(status !== null && { status }),
        ...(endMs !== null && { endMs }),
        ...(name !== '' && { name }),
      });
      return { run_info: infoBody(info) };
    },
    async 'POST /runs/delete'(by, body) {
      await store.stageRun(by, runIdOf(body), 'deleted');
      return {};
    },
    async 'POST /runs/restore'(by, body) {
      await store.stageRun(by, runIdOf(body), 'active');
      return {};
    },
    async 'POST /runs/search'(by, body) {
      const limit = limitOf(body);
      const offset = offsetIn(placeOf(textOr(body, 'page_token')));
      const found = await store.runs(by.project, {
        experiments: textsOf(body, 'experiment_ids'),
        stage: stageOf(body, 'run_view_type'),
        conditions: parseRunFilter(textOr(body, 'filter') ?? ''),
        order: parseRunOrder(textsOf(body, 'order_by')),
        ...{ limit: limit + 1, offset },
      });
      const { items, token } = pageOf(found, { limit, offset });
      return { ...(items.length > 0 && { runs: items.map(runBody) }), ...token };
    },
  };
}
