import { toRow } from '@wheelhouse/core/dataset';
import { isJsonObject, type Json, type JsonObject, type ScorerResult, traceIdOfClient } from '@wheelhouse/core/records';
import {
  answerText,
  bareName,
  type DraftCell,
  type ExportReader,
  emptyDraft,
  groupBy,
  nameOf,
  objects,
  type Remark,
  textOf,
} from './draft.ts';
import { eventsOf, observationTypes } from './langfuse-events.ts';
import { nanosBetween, nanoUsd, type Range, scoreOf, unrangedRemark } from './scores.ts';

type Kind = 'prompt' | 'runItem' | 'run' | 'item' | 'score' | 'config' | 'observation' | 'trace' | 'dataset';

/** Names as the API has them; exports to a bucket write them with underscores. */
function camelCased(record: JsonObject): JsonObject {
  const names = Object.entries(record).map(([name, value]) => [
    name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(names);
}

function kindOf(given: JsonObject): Kind | null {
  const record = camelCased(given);
  const has = (...names: string[]) => names.every((name) => name in record);
  if (has('prompt', 'name', 'version')) return 'prompt';
  if (has('datasetItemId')) return 'runItem';
  if (Array.isArray(record.datasetRunItems) || (has('datasetId', 'name') && !has('input'))) return 'run';
  if (has('input') && (has('datasetId') || has('datasetName') || has('sourceTraceId') || has('expectedOutput')))
    return 'item';
  if (
    has('name') &&
    (has('value') || has('stringValue')) &&
    (has('traceId') || has('datasetRunId') || has('sessionId'))
  )
    return 'score';
  if (has('name', 'dataType')) return 'config';
  if (has('traceId', 'type') && observationTypes.has(textOf(record.type).toLowerCase())) return 'observation';
  if (has('id', 'timestamp')) return 'trace';
  return has('id', 'name', 'projectId') || has('id', 'name', 'items') ? 'dataset' : null;
}

type Run = { id: string; name: string; dataset: string; madeAt: string; items: Map<string, JsonObject> };
type State = {
  datasets: Map<string, JsonObject>;
  runs: Map<string, Run>;
  traces: Map<string, JsonObject>;
  observations: Map<string, JsonObject>;
  /** By trace. */
  scores: Map<string, Map<string, JsonObject>>;
  configs: Map<string, JsonObject>;
  prompts: Map<string, JsonObject>;
  /** Scores of whole runs and of sessions. */
  otherScores: number;
};

function datasetName(state: State, record: JsonObject, file: string): string {
  const own = textOf(record.datasetName) || textOf(state.datasets.get(textOf(record.datasetId))?.name);
  return own || textOf(record.datasetId) || bareName(file);
}

function runFor(state: State, { id, name, dataset, madeAt }: Omit<Run, 'items'>): Run {
  const run = state.runs.get(id) ?? { id, name, dataset, madeAt, items: new Map() };
  if (run.dataset === '') run.dataset = dataset;
  state.runs.set(id, run);
  return run;
}

function takeRunItem(state: State, item: JsonObject, of: JsonObject): void {
  const id = textOf(item.datasetRunId) || textOf(of.id);
  const name = textOf(item.datasetRunName) || textOf(of.name) || id;
  const run = runFor(state, { id: id || name, name, dataset: textOf(of.datasetId), madeAt: textOf(item.createdAt) });
  run.items.set(textOf(item.id) || `${textOf(item.datasetItemId)} ${textOf(item.traceId)}`, item);
}

function takeScore(state: State, score: JsonObject): void {
  const trace = textOf(score.traceId);
  if (trace === '') {
    state.otherScores++;
    return;
  }
  const of = state.scores.get(trace) ?? new Map<string, JsonObject>();
  of.set(textOf(score.id) || JSON.stringify(score), score);
  state.scores.set(trace, of);
}

function takeTrace(state: State, trace: JsonObject): void {
  const id = textOf(trace.id);
  const { observations, scores, ...own } = trace;
  state.traces.set(id, own);
  for (const one of objects(observations)) state.observations.set(textOf(one.id), { traceId: id, ...camelCased(one) });
  for (const one of objects(scores)) takeScore(state, { traceId: id, ...camelCased(one) });
}

const takes: Record<Kind, (state: State, record: JsonObject) => void> = {
  prompt: (state, one) => void state.prompts.set(`${textOf(one.name)} ${String(one.version)}`, one),
  runItem: (state, one) => takeRunItem(state, one, {}),
  run(state, one) {
    const id = textOf(one.id) || textOf(one.name);
    runFor(state, { id, name: textOf(one.name), dataset: textOf(one.datasetId), madeAt: textOf(one.createdAt) });
    for (const item of objects(one.datasetRunItems)) takeRunItem(state, camelCased(item), one);
  },
  item: () => {},
  score: takeScore,
  config: (state, one) => void state.configs.set(textOf(one.id) || textOf(one.name), one),
  observation: (state, one) => void state.observations.set(textOf(one.id), one),
  trace: takeTrace,
  dataset: (state, one) => void state.datasets.set(textOf(one.id), one),
};

type Scoring = { ranges: ReadonlyMap<string, Range>; unranged: Set<string> };

function rangeOf({ configs }: State, score: JsonObject, { ranges }: Scoring): Range | null {
  const name = textOf(score.name);
  const config = configs.get(textOf(score.configId)) ?? [...configs.values()].find((one) => one.name === name);
  const [min, max] = [config?.minValue, config?.maxValue];
  const own = typeof min === 'number' && typeof max === 'number' && max > min ? { min, max } : null;
  return ranges.get(name) ?? own;
}

function scoresOf(state: State, item: JsonObject, scoring: Scoring): Record<string, ScorerResult> {
  const scores: Record<string, ScorerResult> = {};
  const observation = textOf(item.observationId);
  for (const score of state.scores.get(textOf(item.traceId))?.values() ?? []) {
    const of = textOf(score.observationId);
    if (of !== '' && observation !== '' && of !== observation) continue;
    const name = textOf(score.name).slice(0, 200);
    const type = textOf(score.dataType);
    const value = type === 'CATEGORICAL' ? (score.stringValue ?? score.value) : (score.value ?? score.stringValue);
    const options = { range: rangeOf(state, score, scoring), reason: textOf(score.comment) || null };
    const given: Json | undefined = type === 'BOOLEAN' && typeof value === 'number' ? value === 1 : value;
    scores[name] = scoreOf(given, { ...options, unranged: () => scoring.unranged.add(name) });
  }
  return scores;
}

/** Seconds of a trace, where its export says them; else from its first to its last observation. */
function latencyOf(state: State, of: JsonObject, id: string): bigint {
  if (typeof of.latency === 'number' && of.latency > 0) return BigInt(Math.round(of.latency * 1e9));
  if (of.endTime !== undefined) return nanosBetween(of.startTime, of.endTime);
  const inside = [...state.observations.values()].filter((one) => one.traceId === id);
  const [first] = inside
    .map((one) => textOf(one.startTime))
    .filter(Boolean)
    .sort();
  const last = inside
    .map((one) => textOf(one.endTime))
    .filter(Boolean)
    .sort()
    .at(-1);
  return nanosBetween(first, last);
}

const missing = (trace: string) => `(the export has no trace ${trace}, so no answer)`;

function cellOf(state: State, item: JsonObject, scoring: Scoring): DraftCell {
  const traceId = textOf(item.traceId);
  const of = state.observations.get(textOf(item.observationId)) ?? state.traces.get(traceId);
  const output = of?.output ?? null;
  const wrong = of?.level === 'ERROR' && output === null ? textOf(of.statusMessage) || 'it failed' : null;
  return {
    row: { key: textOf(item.datasetItemId) },
    output: wrong !== null ? null : of === undefined ? missing(traceId) : output === null ? '' : answerText(output),
    error: wrong,
    scores: scoresOf(state, item, scoring),
    latencyNs: of === undefined ? 0n : latencyOf(state, of, traceId),
    costNanoUsd: nanoUsd(of?.totalCost ?? of?.calculatedTotalCost),
    traceId: of === undefined || traceId === '' ? null : traceIdOfClient(traceId),
  };
}

function draftOf(state: State, ranges: ReadonlyMap<string, Range>, rowsOf: (dataset: string) => string) {
  const draft = emptyDraft();
  const unranged = new Set<string>();
  const remarks: Remark[] = [];
  for (const { id, name, description, inputSchema, expectedOutputSchema } of state.datasets.values()) {
    const [input, expected] = [inputSchema, expectedOutputSchema].map((one) => (isJsonObject(one) ? one : null));
    const schema = input || expected ? { input: input ?? null, expected: expected ?? null } : null;
    const own = { name: nameOf(textOf(name)), description: textOf(description) };
    draft.datasets.push({ ...own, source: `Langfuse dataset ${textOf(id)}`, schema });
  }
  const byDataset = groupBy(state.runs.values(), (run) => rowsOf(run.dataset) || rowsOf(''));
  for (const [dataset, runs] of byDataset) {
    const made = runs.map(({ id, name, madeAt, items }) => {
      const cells = [...items.values()].map((item) => cellOf(state, item, { ranges, unranged }));
      const without = [...items.values()].filter((item) => !state.traces.has(textOf(item.traceId))).length;
      const said = `${without} answers are not in the export: it lacks their traces`;
      if (without > 0) remarks.push({ of: `${dataset}, run ${name}`, said });
      return { id, label: name.slice(0, 200), madeAt, cells };
    });
    const answered = made.filter(({ cells }) => cells.length > 0).sort((a, b) => a.madeAt.localeCompare(b.madeAt));
    if (answered.length > 0) draft.evaluations.push({ name: dataset, dataset: nameOf(dataset), runs: answered });
  }
  for (const name of unranged) remarks.push({ of: `score ${name}`, said: unrangedRemark(name) });
  if (state.otherScores > 0)
    remarks.push({
      of: `${state.otherScores} scores`,
      said: 'are of whole runs or of sessions: no row or trace has them',
    });
  for (const { name, dataType } of state.configs.values())
    remarks.push({
      of: `score config ${textOf(name)}`,
      said: `has no twin here (${textOf(dataType)}); its range is used, and a review queue may ask for it`,
    });
  draft.events = eventsOf(state);
  draft.prompts = [...state.prompts.values()];
  draft.remarks = remarks;
  return draft;
}

/** Exports of Langfuse, of its API, its pages and its buckets: datasets, runs, traces, scores, score configs, prompts. */
export function createLangfuseReader({ ranges }: { ranges: ReadonlyMap<string, Range> }): ExportReader {
  const state: State = {
    ...{ datasets: new Map(), runs: new Map(), traces: new Map(), observations: new Map(), scores: new Map() },
    ...{ configs: new Map(), prompts: new Map(), otherScores: 0 },
  };
  /** Of items that the export has, by item. */
  const datasetOfItem = new Map<string, string>();
  const nameOfDataset = (id: string): string => {
    const own = textOf(state.datasets.get(id)?.name);
    return own || (id !== '' ? id : ([...new Set(datasetOfItem.values())][0] ?? ''));
  };
  const items = (record: JsonObject, file: string) => {
    const kind = kindOf(record);
    if (kind === 'item') return [{ item: record, dataset: datasetName(state, camelCased(record), file) }];
    if (kind !== 'dataset') return [];
    return objects(record.items).map((item) => ({ item, dataset: textOf(record.name) }));
  };
  return {
    knows: (record) => kindOf(record) !== null,
    take(record, { file }) {
      const kind = kindOf(record);
      if (kind !== null) takes[kind](state, kind === 'prompt' ? record : camelCased(record));
      for (const { item, dataset } of items(record, file)) datasetOfItem.set(textOf(item.id), dataset);
    },
    draft() {
      for (const run of state.runs.values()) {
        const [first] = run.items.values();
        const known = datasetOfItem.get(textOf(first?.datasetItemId));
        if (known !== undefined && !state.datasets.has(run.dataset)) run.dataset = known;
      }
      return draftOf(state, ranges, nameOfDataset);
    },
    rowsOf(record, { file }) {
      return items(record, file).map(({ item, dataset }) => {
        const mapped = toRow({ datasetId: '', ...item }, null);
        if (typeof mapped === 'string') return mapped;
        return { dataset: nameOf(dataset), key: textOf(item.id) || null, row: mapped.row, source: mapped.trace };
      });
    },
  };
}
