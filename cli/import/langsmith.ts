import { toRow } from '@wheelhouse/core/dataset';
import { isJsonObject, type JsonObject, type ScorerResult } from '@wheelhouse/core/records';
import {
  answerText,
  bareName,
  type Draft,
  type DraftCell,
  type ExportReader,
  emptyDraft,
  groupBy,
  nameOf,
  objects,
  textOf,
} from './draft.ts';
import { nanosBetween, nanoUsd, type Range, scoreOf, unrangedRemark } from './scores.ts';

type Kind = 'run' | 'feedback' | 'project' | 'dataset' | 'example';

function kindOf(record: JsonObject): Kind | null {
  const has = (...names: string[]) => names.every((name) => name in record);
  if (has('run_type')) return 'run';
  if (has('key') && (has('score') || has('value')) && has('run_id')) return 'feedback';
  if (has('inputs')) return 'example';
  if (has('reference_dataset_id') || has('trace_tier') || has('run_count', 'start_time')) return 'project';
  return has('name') && (has('data_type') || has('example_count') || has('inputs_schema_definition'))
    ? 'dataset'
    : null;
}

type State = {
  datasets: Map<string, JsonObject>;
  projects: Map<string, JsonObject>;
  /** First runs of traces that answer an example. */
  answers: Map<string, JsonObject>;
  otherRuns: number;
  /** By run. */
  feedback: Map<string, Map<string, JsonObject>>;
  datasetOfExample: Map<string, string>;
};

function takeRun(state: State, run: JsonObject): void {
  const isRoot = run.parent_run_id === null || run.parent_run_id === undefined;
  if (!isRoot || typeof run.reference_example_id !== 'string') state.otherRuns++;
  else state.answers.set(textOf(run.id), run);
}

function takeFeedback(state: State, one: JsonObject): void {
  const run = textOf(one.run_id);
  const of = state.feedback.get(run) ?? new Map<string, JsonObject>();
  of.set(textOf(one.id) || textOf(one.key), one);
  state.feedback.set(run, of);
}

const datasetName = ({ datasets }: State, example: JsonObject, file: string): string =>
  textOf(datasets.get(textOf(example.dataset_id))?.name) ||
  textOf(example.dataset_name) ||
  textOf(example.dataset_id) ||
  bareName(file);

type Scoring = { ranges: ReadonlyMap<string, Range>; unranged: Set<string> };

function scoresOf(state: State, run: JsonObject, { ranges, unranged }: Scoring): Record<string, ScorerResult> {
  const scores: Record<string, ScorerResult> = {};
  const own = objects(run.feedback);
  for (const one of [...own, ...(state.feedback.get(textOf(run.id))?.values() ?? [])]) {
    const key = textOf(one.key).slice(0, 200);
    const label = one.value === null || one.value === undefined ? undefined : answerText(one.value);
    const given = one.score ?? label;
    const options = { range: ranges.get(key) ?? null, reason: textOf(one.comment) || null };
    if (key !== '') scores[key] = scoreOf(given, { ...options, unranged: () => unranged.add(key) });
  }
  return scores;
}

function cellOf(state: State, run: JsonObject, scoring: Scoring): DraftCell {
  const error = textOf(run.error) || null;
  return {
    row: { key: textOf(run.reference_example_id) },
    output: error === null ? answerText(run.outputs) : null,
    error,
    scores: scoresOf(state, run, scoring),
    latencyNs: nanosBetween(run.start_time, run.end_time),
    costNanoUsd: nanoUsd(run.total_cost),
    traceId: null,
  };
}

function draftExperiments(state: State, draft: Draft, scoring: Scoring): void {
  const byProject = groupBy(state.answers.values(), (run) => textOf(run.session_id) || textOf(run.session_name));
  const experiments = [...byProject].map(([id, runs]) => {
    const project = state.projects.get(id) ?? {};
    const [first] = runs;
    const example = textOf(first?.reference_example_id);
    const dataset =
      textOf(state.datasets.get(textOf(project.reference_dataset_id))?.name) ||
      (state.datasetOfExample.get(example) ?? '');
    const madeAt = textOf(project.start_time) || textOf(first?.start_time);
    const label = (textOf(project.name) || textOf(first?.session_name) || id).slice(0, 200);
    return { dataset, run: { id, label, madeAt, cells: runs.map((run) => cellOf(state, run, scoring)) } };
  });
  for (const [dataset, of] of groupBy(experiments, (one) => one.dataset)) {
    if (dataset === '') {
      draft.remarks.push({
        of: `${of.length} experiments`,
        said: 'are left out: the export lacks the examples that they answer',
      });
      continue;
    }
    const runs = of.map(({ run }) => run).sort((a, b) => a.madeAt.localeCompare(b.madeAt));
    draft.evaluations.push({ name: dataset, dataset: nameOf(dataset), runs });
  }
}

function draftOf(state: State, ranges: ReadonlyMap<string, Range>): Draft {
  const draft = emptyDraft();
  const unranged = new Set<string>();
  for (const one of state.datasets.values()) {
    const input = isJsonObject(one.inputs_schema_definition) ? one.inputs_schema_definition : null;
    const schema = input === null ? null : { input, expected: null };
    const own = { name: nameOf(textOf(one.name)), description: textOf(one.description) };
    draft.datasets.push({ ...own, source: `LangSmith dataset ${textOf(one.id)}`, schema });
    if (isJsonObject(one.outputs_schema_definition))
      draft.remarks.push({
        of: textOf(one.name),
        said: 'the schema of its outputs is left out: an output of one text is that text here',
      });
  }
  draftExperiments(state, draft, { ranges, unranged });
  for (const key of unranged) draft.remarks.push({ of: `feedback ${key}`, said: unrangedRemark(key) });
  if (state.otherRuns > 0)
    draft.remarks.push({ of: 'runs that answer no example', said: `${state.otherRuns} left out` });
  return draft;
}

/** Exports of LangSmith: datasets, examples, experiments as projects and their runs, feedback. */
export function createLangSmithReader({ ranges }: { ranges: ReadonlyMap<string, Range> }): ExportReader {
  const state: State = {
    ...{ datasets: new Map(), projects: new Map(), answers: new Map(), otherRuns: 0, feedback: new Map() },
    datasetOfExample: new Map(),
  };
  return {
    knows: (record) => kindOf(record) !== null,
    take(record, { file }) {
      const kind = kindOf(record);
      if (kind === 'run') takeRun(state, record);
      else if (kind === 'feedback') takeFeedback(state, record);
      else if (kind === 'project') state.projects.set(textOf(record.id), record);
      else if (kind === 'dataset') state.datasets.set(textOf(record.id), record);
      else if (kind === 'example') state.datasetOfExample.set(textOf(record.id), datasetName(state, record, file));
    },
    draft() {
      for (const [id, name] of state.datasetOfExample) {
        const known = textOf(state.datasets.get(name)?.name);
        if (known !== '') state.datasetOfExample.set(id, known);
      }
      return draftOf(state, ranges);
    },
    rowsOf(record, { file }) {
      if (kindOf(record) !== 'example') return [];
      const mapped = toRow(record, null);
      if (typeof mapped === 'string') return [mapped];
      const dataset = nameOf(datasetName(state, record, file));
      return [{ dataset, key: textOf(record.id) || null, row: mapped.row, source: null }];
    },
  };
}
