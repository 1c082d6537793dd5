import type { MetricHistory, TrackingStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  datasetContextTag,
  isNewerPoint,
  type ProjectId,
  runNameTag,
  type TrackedArtifact,
  type TrackedCondition,
  type TrackedExperiment,
  type TrackedExperimentField,
  type TrackedField,
  type TrackedOrder,
  type TrackedPoint,
  type TrackedRun,
  type TrackedTag,
  type TrackedTest,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Value = string | number | null;

function like(pattern: string, flags: string): RegExp {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${escaped}$`, `s${flags}`);
}

function fits(value: Value, test: TrackedTest): boolean {
  if (test.op === 'IS NULL') return value === null;
  if (test.op === 'IS NOT NULL') return value !== null;
  if (value === null) return false;
  if (test.op === 'IN') return test.values.includes(String(value));
  if (test.op === 'NOT IN') return !test.values.includes(String(value));
  if (test.op === 'LIKE' || test.op === 'ILIKE')
    return like(test.value, test.op === 'ILIKE' ? 'i' : '').test(String(value));
  switch (test.op) {
    case '=':
      return value === test.value;
    case '!=':
      return value !== test.value;
    case '<':
      return value < test.value;
    case '<=':
      return value <= test.value;
    case '>':
      return value > test.value;
    case '>=':
      return value >= test.value;
  }
}

const valueIn = (tags: readonly TrackedTag[], key: string): string | null =>
  tags.find((tag) => tag.key === key)?.value ?? null;

const runTexts = {
  run_id: (run: TrackedRun) => run.id,
  run_name: (run: TrackedRun) => run.name,
  status: (run: TrackedRun) => run.status,
  user_id: (run: TrackedRun) => run.userId,
  artifact_uri: (run: TrackedRun) => run.artifactUri,
};

function valueOfRun(run: TrackedRun, field: Exclude<TrackedField, { of: 'dataset' }>): Value {
  if (field.of === 'metric') return run.metrics.find(({ key }) => key === field.key)?.value ?? null;
  if (field.of === 'param') return valueIn(run.params, field.key);
  if (field.of === 'tag') return valueIn(run.tags, field.key);
  if (field.of === 'time') return field.name === 'start_time' ? run.startMs : run.endMs;
  return runTexts[field.name](run);
}

function runFits(run: TrackedRun, { field, test }: TrackedCondition): boolean {
  if (field.of !== 'dataset') return fits(valueOfRun(run, field), test);
  return run.inputs.some((input) =>
    fits(field.name === 'context' ? valueIn(input.tags, datasetContextTag) : input[field.name], test),
  );
}

function valueOfExperiment(one: TrackedExperiment, field: TrackedExperimentField): Value {
  if (field.of === 'tag') return valueIn(one.tags, field.key);
  if (field.of === 'time') return field.name === 'creation_time' ? one.createdAtMs : one.changedAtMs;
  return field.name === 'name' ? one.name : one.id;
}

/** What has no value stands last, and NaN before it. */
function compare(a: Value, b: Value, descending: boolean): number {
  const rank = (value: Value) => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0 || a === b) return 0;
  return ((a ?? 0) < (b ?? 0) ? -1 : 1) * (descending ? -1 : 1);
}

const sortRuns = (runs: TrackedRun[], order: readonly TrackedOrder[]) =>
  runs.sort((a, b) => {
    for (const { field, descending } of order) {
      if (field.of === 'dataset') continue;
      const found = compare(valueOfRun(a, field), valueOfRun(b, field), descending);
      if (found !== 0) return found;
    }
    return compare(a.startMs, b.startMs, true) || (a.id < b.id ? -1 : 1);
  });

function setTag(tags: TrackedTag[], { key, value }: TrackedTag): void {
  const known = tags.find((tag) => tag.key === key);
  if (known) known.value = value;
  else tags.push({ key, value });
  tags.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function dropTag(tags: TrackedTag[], key: string): boolean {
  const at = tags.findIndex((tag) => tag.key === key);
  if (at >= 0) tags.splice(at, 1);
  return at >= 0;
}

type Own = { experiments: TrackedExperiment[]; runs: TrackedRun[]; files: Map<string, TrackedArtifact> };

const needActive = (what: string, { id, stage }: { id: string; stage: string }) => {
  if (stage !== 'active')
    throw new WheelhouseError(
      'invalid_request',
      `The ${what} ${id} must be in the 'active' state. Current state is ${stage}.`,
    );
};

function artifactsOf(of: (project: ProjectId) => Own) {
  return {
    async putArtifact(by, file) {
      const { files } = of(by.project);
      const before = files.get(file.path) ?? null;
      files.set(file.path, { ...file });
      return before;
    },
    artifact: async (project, path) => of(project).files.get(path) ?? null,
    artifactsUnder: async (project, folder, limit) =>
      [...of(project).files.values()]
        .filter(({ path }) => path === folder || path.startsWith(`${folder}/`))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .slice(0, limit),
    async listArtifacts(project, folder) {
      const entries = new Map<string, number | null>();
      for (const { path, bytes } of of(project).files.values()) {
        if (!path.startsWith(`${folder}/`)) continue;
        const [name = '', ...rest] = path.slice(folder.length + 1).split('/');
        entries.set(name, rest.length > 0 ? null : bytes);
      }
      return [...entries].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async removeArtifacts(by, paths) {
      for (const path of paths) of(by.project).files.delete(path);
    },
  } satisfies Partial<TrackingStore>;
}

/** What is there, by project, and what refuses. */
function createWorld() {
  const projects = new Map<ProjectId, Own>();
  function of(project: ProjectId): Own {
    const own: Own = projects.get(project) ?? { experiments: [], runs: [], files: new Map() };
    projects.set(project, own);
    if (own.experiments.length === 0)
      own.experiments.push({
        ...{ id: '0', name: 'Default', artifactLocation: 'mlflow-artifacts:/0', stage: 'active' as const },
        ...{ createdAtMs: 0, changedAtMs: 0, tags: [] },
      });
    return own;
  }
  function experiment(project: ProjectId, id: string): TrackedExperiment {
    const found = of(project).experiments.find((one) => one.id === id);
    if (!found) throw new WheelhouseError('not_found', `No Experiment with id=${id} exists`);
    return found;
  }
  function run(project: ProjectId, id: string): TrackedRun {
    const found = of(project).runs.find((one) => one.id === id);
    if (!found) throw new WheelhouseError('not_found', `Run with id=${id} not found`);
    return found;
  }
  const active = (by: Actor, id: string) => {
    const found = run(by.project, id);
    needActive('run', found);
    return found;
  };
  const checkName = (project: ProjectId, name: string, but?: string) => {
    if (of(project).experiments.some((one) => one.name === name && one.id !== but))
      throw new WheelhouseError('conflict', `Experiment(name=${name}) already exists.`);
  };
  function setTags(found: TrackedRun, tags: readonly TrackedTag[]): void {
    for (const tag of tags) {
      setTag(found.tags, tag);
      if (tag.key === runNameTag) found.name = tag.value;
    }
  }
  return { of, experiment, run, active, checkName, setTags };
}

type World = ReturnType<typeof createWorld>;

function experimentsOf({ of, experiment, checkName }: World, audit: FakeAuditStore) {
  return {
    async createExperiment(by, { name, tags, artifactLocation }, nowMs) {
      checkName(by.project, name);
      const { experiments } = of(by.project);
      const id = String(experiments.length);
      const created: TrackedExperiment = {
        ...{ id, name, artifactLocation: artifactLocation ?? `mlflow-artifacts:/${id}`, stage: 'active' },
        ...{ createdAtMs: nowMs, changedAtMs: nowMs, tags: [] },
      };
      for (const tag of tags) setTag(created.tags, tag);
      experiments.push(created);
      audit.record(by, { action: 'tracking.create', subject: name, detail: { id } });
      return structuredClone(created);
    },
    experiment: async (project, id) => structuredClone(of(project).experiments.find((one) => one.id === id) ?? null),
    experimentNamed: async (project, name) =>
      structuredClone(of(project).experiments.find((one) => one.name === name) ?? null),
    async experiments(project, { stage, conditions, order, limit, offset }) {
      const found = of(project).experiments.filter(
        (one) =>
          (stage === null || one.stage === stage) &&
          conditions.every(({ field, test }) => fits(valueOfExperiment(one, field), test)),
      );
      found.sort((a, b) => {
        for (const { field, descending } of order) {
          const by = compare(valueOfExperiment(a, field), valueOfExperiment(b, field), descending);
          if (by !== 0) return by;
        }
        return b.createdAtMs - a.createdAtMs || Number(b.id) - Number(a.id);
      });
      return structuredClone(found.slice(offset, offset + limit));
    },
    async renameExperiment(by, id, name, nowMs) {
      const found = experiment(by.project, id);
      if (found.stage !== 'active')
        throw new WheelhouseError('invalid_request', 'Cannot rename a non-active experiment.');
      checkName(by.project, name, id);
      audit.record(by, { action: 'tracking.rename', subject: name, detail: { id, before: found.name } });
      Object.assign(found, { name, changedAtMs: nowMs });
    },
    async stageExperiment(by, id, stage, nowMs) {
      const found = experiment(by.project, id);
      if (found.stage === stage) throw new WheelhouseError('not_found', `No Experiment with id=${id} exists`);
      Object.assign(found, { stage, changedAtMs: nowMs });
      for (const one of of(by.project).runs) if (one.experimentId === id) one.stage = stage;
      const action = stage === 'active' ? 'tracking.restore' : 'tracking.delete';
      audit.record(by, { action, subject: found.name, detail: { id } });
    },
    async tagExperiment(by, id, tag) {
      const found = experiment(by.project, id);
      needActive('experiment', found);
      setTag(found.tags, tag);
    },
    async untagExperiment(by, id, key) {
      const found = experiment(by.project, id);
      needActive('experiment', found);
      return dropTag(found.tags, key);
    },
  } satisfies Partial<TrackingStore>;
}

function runsOf({ of, experiment, run, active, setTags }: World, audit: FakeAuditStore) {
  return {
    async createRun(by, { id, experimentId, name, userId, startMs, tags }) {
      const parent = experiment(by.project, experimentId);
      needActive('experiment', parent);
      const created: TrackedRun = {
        ...{ id, experimentId, name, userId, status: 'RUNNING', startMs, endMs: null, stage: 'active' },
        artifactUri: `${parent.artifactLocation.replace(/\/+$/, '')}/${id}/artifacts`,
        ...{ params: [], tags: [], metrics: [], inputs: [] },
      };
      setTags(created, tags);
      of(by.project).runs.push(created);
      return structuredClone(created);
    },
    run: async (project, id) => structuredClone(of(project).runs.find((one) => one.id === id) ?? null),
    async runs(project, { experiments, stage, conditions, order, limit, offset }) {
      const found = of(project).runs.filter(
        (one) =>
          experiments.includes(one.experimentId) &&
          (stage === null || one.stage === stage) &&
          conditions.every((condition) => runFits(one, condition)),
      );
      return structuredClone(sortRuns(found, order).slice(offset, offset + limit));
    },
    async updateRun(by, id, { status, endMs, name }) {
      const found = active(by, id);
      if (name !== undefined) setTags(found, [{ key: runNameTag, value: name }]);
      if (status !== undefined) found.status = status;
      if (endMs !== undefined) found.endMs = endMs;
      const { params: _, tags: __, metrics: ___, inputs: ____, ...info } = structuredClone(found);
      return info;
    },
    async stageRun(by, id, stage) {
      const found = run(by.project, id);
      if (found.stage === stage) return;
      found.stage = stage;
      const action = stage === 'active' ? 'tracking.restore_run' : 'tracking.delete_run';
      audit.record(by, { action, subject: id, detail: { name: found.name } });
    },
    async record(by, id, { params, tags, latest }) {
      const found = active(by, id);
      const changed = params.flatMap(({ key, value: now }) => {
        const was = valueIn(found.params, key);
        return was === null || was === now ? [] : [{ key, was, now }];
      });
      if (changed.length > 0) return { changed };
      for (const param of params) setTag(found.params, param);
      for (const point of latest) {
        const known = found.metrics.find(({ key }) => key === point.key);
        if (!known) found.metrics.push({ ...point });
        else if (isNewerPoint(point, known)) Object.assign(known, point);
      }
      found.metrics.sort((a, b) => (a.key < b.key ? -1 : 1));
      setTags(found, tags);
      return { changed };
    },
    untagRun: async (by, id, key) => dropTag(active(by, id).tags, key),
    async addInputs(by, id, inputs) {
      const found = active(by, id);
      for (const input of inputs)
        if (!found.inputs.some(({ name, digest }) => name === input.name && digest === input.digest))
          found.inputs.push(structuredClone(input));
    },
  } satisfies Partial<TrackingStore>;
}

/** In memory; give it the audit store that the test reads. */
export function fakeTrackingStore(audit: FakeAuditStore = fakeAuditStore()): TrackingStore {
  const world = createWorld();
  return { ...artifactsOf(world.of), ...experimentsOf(world, audit), ...runsOf(world, audit) };
}

/** Thins as the store must: the first, last and extremes of each stretch. */
function thinned(points: TrackedPoint[], over: 'step' | 'time', most: number): TrackedPoint[] {
  if (points.length <= most) return points;
  const x = (point: TrackedPoint) => (over === 'step' ? point.step : point.timestampMs);
  const [low, high] = [x(points[0] as TrackedPoint), x(points.at(-1) as TrackedPoint)];
  const stretches = Math.max(1, Math.floor(most / 4));
  const groups = new Map<number, TrackedPoint[]>();
  for (const point of points) {
    const at = Math.floor(Math.min((x(point) - low) / Math.max(high - low, 1), 0.999_999) * stretches);
    groups.set(at, [...(groups.get(at) ?? []), point]);
  }
  const kept = new Set<TrackedPoint | undefined>();
  for (const group of groups.values()) {
    const byValue = [...group].sort((a, b) => a.value - b.value);
    for (const one of [group[0], group.at(-1), byValue[0], byValue.at(-1)]) kept.add(one);
  }
  return points.filter((point) => kept.has(point));
}

/** In memory. */
export function fakeMetricHistory(): MetricHistory {
  const stored = new Map<string, TrackedPoint>();
  const keyOf = (project: ProjectId, runId: string, metric: string) => JSON.stringify([project, runId, metric]);
  const of = (project: ProjectId, runId: string, key: string) => {
    const start = `${keyOf(project, runId, key)} `;
    return [...stored].flatMap(([at, point]) => (at.startsWith(start) ? [{ ...point }] : []));
  };
  const rank = ({ value }: TrackedPoint) => (Number.isNaN(value) ? 0 : value);
  const byTime = (a: TrackedPoint, b: TrackedPoint) =>
    a.timestampMs - b.timestampMs || a.step - b.step || rank(a) - rank(b);
  const byStep = (a: TrackedPoint, b: TrackedPoint) =>
    a.step - b.step || a.timestampMs - b.timestampMs || rank(a) - rank(b);
  return {
    async put(project, runId, points) {
      for (const point of points) {
        const { key, step, timestampMs, value } = point;
        stored.set(`${keyOf(project, runId, key)} ${step} ${timestampMs} ${value}`, { ...point });
      }
    },
    async points(project, { runId, key, limit, after }) {
      const all = of(project, runId, key).sort(byTime);
      return all.filter((point) => !after || byTime(point, after) > 0).slice(0, limit);
    },
    async series(project, { runs, key, over, most }) {
      return runs.map((runId) => {
        const all = of(project, runId, key).filter(({ value }) => !Number.isNaN(value));
        const ordered = all.sort(over === 'step' ? byStep : byTime);
        const points = thinned(ordered, over, most).map(({ key: _, ...point }) => point);
        return { runId, key, count: ordered.length, points };
      });
    },
  };
}
