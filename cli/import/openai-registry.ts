import { toRow } from '@wheelhouse/core/dataset';
import { twinsOfClass } from '@wheelhouse/core/eval';
import { readYaml } from '@wheelhouse/core/model';
import { isJsonObject, type Json, type JsonObject, type ScorerResult } from '@wheelhouse/core/records';
import { type Draft, type DraftCell, type DraftRun, type ExportReader, emptyDraft, nameOf, textOf } from './draft.ts';
import { scorersOfTwins } from './model-draft.ts';
import { type Range, scoreOf, unrangedRemark } from './scores.ts';

type RegistryEval = { name: string; alias: string; description: string; evalClass: string; args: JsonObject };
type Log = { spec: JsonObject; events: JsonObject[] };

const posix = (file: string): string => file.replaceAll('\\', '/');
const modelgraded = (file: string): boolean => /(?:^|\/)modelgraded\//.test(posix(file));

const renamingsOf = ({ args }: RegistryEval): JsonObject =>
  isJsonObject(args.samples_renamings) ? args.samples_renamings : {};
const samplesOf = ({ args }: RegistryEval): string => textOf(args.samples_jsonl);
const holdsSamples = (file: string, path: string): boolean =>
  path !== '' && (posix(file) === path || posix(file).replace(/\.gz$/, '').endsWith(`/${path}`));

const datasetOf = (of: RegistryEval): string =>
  nameOf(
    samplesOf(of)
      .replace(/\.jsonl$/, '')
      .replace(/[/._-]?samples$/, '') || of.alias,
  );

const rowKey = (samples: string, index: number): string => `${samples}#${index}`;

type Scoring = { ranges: ReadonlyMap<string, Range>; unranged: Set<string> };

/** Events of one sample, as the cell that they tell of. */
function cellOf(
  events: readonly JsonObject[],
  { key, name, ranges, unranged }: Scoring & { key: string; name: string },
): DraftCell {
  const dataOf = (type: string) =>
    events.filter((one) => one.type === type).map(({ data }) => (isJsonObject(data) ? data : {}));
  const [match] = dataOf('match');
  const [sampling] = dataOf('sampling');
  const [wrong] = dataOf('error');
  const sampled: Json = match?.sampled ?? sampling?.sampled ?? null;
  const output = Array.isArray(sampled) ? sampled[0] : sampled;
  const scores: Record<string, ScorerResult> = {};
  const score = (of: string, value: Json) => {
    scores[of] = scoreOf(value, { range: ranges.get(of) ?? null, reason: null, unranged: () => unranged.add(of) });
  };
  if (match && typeof match.correct === 'boolean') score(name, match.correct);
  for (const metrics of dataOf('metrics'))
    for (const [of, value] of Object.entries(metrics))
      if (!(match && of === 'accuracy') && value !== null) score(of, value);
  const said =
    typeof output === 'string' ? output : output === null || output === undefined ? null : JSON.stringify(output);
  return {
    row: { key },
    output: said,
    error: said === null ? textOf(wrong?.message) || 'the log has no answer' : null,
    scores,
    ...{ latencyNs: 0n, costNanoUsd: null, traceId: null },
  };
}

function runOf({ spec, events }: Log, of: RegistryEval, options: Scoring): DraftRun {
  const bySample = new Map<string, JsonObject[]>();
  for (const event of events) {
    const id = textOf(event.sample_id);
    const same = bySample.get(id) ?? [];
    same.push(event);
    bySample.set(id, same);
  }
  const name = (of.evalClass.split(':').at(-1) ?? '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
  const cells = [...bySample].flatMap(([id, ofSample]) => {
    const index = /(\d+)$/.exec(id)?.[1];
    if (index === undefined) return [];
    return [cellOf(ofSample, { ...options, name, key: rowKey(samplesOf(of), Number(index)) })];
  });
  const models = Array.isArray(spec.completion_fns)
    ? spec.completion_fns.map(String).join(', ')
    : textOf(spec.model_name);
  return {
    id: textOf(spec.run_id),
    label: [models, textOf(spec.run_id)].filter(Boolean).join(' · ').slice(0, 200),
    madeAt: textOf(spec.created_at),
    cells,
  };
}

/** The entries of YAML that name a class, under the names that lead to them. */
function evalsOf(entries: ReadonlyMap<string, JsonObject>): RegistryEval[] {
  const aliases = new Map<string, { alias: string; description: string }>();
  for (const [alias, { id, description }] of entries)
    if (typeof id === 'string' && id !== alias) aliases.set(id, { alias, description: textOf(description) });
  return [...entries].flatMap(([name, entry]) => {
    const evalClass = textOf(entry.class);
    if (evalClass === '') return [];
    const { alias, description } = aliases.get(name) ?? { alias: name, description: textOf(entry.description) };
    return [{ name, alias, description, evalClass, args: isJsonObject(entry.args) ? entry.args : {} }];
  });
}

type Options = { judge: string; ranges: ReadonlyMap<string, Range>; only: readonly string[] };
type State = {
  entries: Map<string, JsonObject>;
  specs: Map<string, JsonObject>;
  logs: Map<string, Log>;
  files: Set<string>;
};

function chosenOf({ entries }: State, only: readonly string[]): RegistryEval[] {
  const all = evalsOf(entries);
  return only.length === 0 ? all : all.filter(({ name, alias }) => only.includes(name) || only.includes(alias));
}

function draftEval(of: RegistryEval, state: State, { draft, judge, ranges }: Options & { draft: Draft }): void {
  const dataset = datasetOf(of);
  const samples = samplesOf(of);
  const specName = textOf(of.args.modelgraded_spec ?? of.args.modelgraded_spec_file).replace(/\.yaml$/, '');
  const twins = twinsOfClass(of.evalClass, of.args, state.specs.get(specName));
  const { scorers, models, remarks } = scorersOfTwins(twins, { of: of.alias, judge });
  const isThere = [...state.files].some((file) => holdsSamples(file, samples));
  if (!isThere) {
    const where = samples === '' ? 'it names no samples' : `its samples are not in the export: data/${samples}`;
    draft.remarks.push({ of: of.alias, said: `is left out: ${where}` });
    return;
  }
  if (!draft.datasets.some(({ name }) => name === dataset))
    draft.datasets.push({
      name: dataset,
      description: of.description,
      source: `OpenAI Evals ${samples}`,
      schema: null,
    });
  draft.models.push(...models);
  draft.remarks.push(...remarks);
  const notes = remarks.map(({ of: whose, said }) => `${whose}: ${said}`);
  draft.files.push({ name: nameOf(of.alias), title: `OpenAI Evals ${of.name}`, dataset, runs: [], scorers, notes });
  const logs = [...state.logs.values()].filter(({ spec }) => spec.eval_name === of.name || spec.base_eval === of.alias);
  const unranged = new Set<string>();
  const runs = logs.map((log) => runOf(log, of, { ranges, unranged })).filter(({ cells }) => cells.length > 0);
  for (const name of unranged) draft.remarks.push({ of: `${of.alias}, ${name}`, said: unrangedRemark(name) });
  if (runs.length > 0) draft.evaluations.push({ name: of.alias, dataset, runs });
}

/** A registry of OpenAI's open-source evals: YAML, samples, `modelgraded` specifications, and logs of `oaieval`. */
export function createRegistryReader(options: Options): ExportReader & {
  takeYaml(text: string, file: string): void;
  /** Whether a file of samples or logs has to be read. */
  wants(file: string): boolean;
} {
  const state: State = { entries: new Map(), specs: new Map(), logs: new Map(), files: new Set() };
  const logOf = (id: string): Log => {
    const log = state.logs.get(id) ?? { spec: {}, events: [] };
    state.logs.set(id, log);
    return log;
  };
  const chosen = () => chosenOf(state, options.only);
  return {
    takeYaml(text, file) {
      const value = readYaml(text, 'Its contents');
      if (!isJsonObject(value)) return;
      const name = (posix(file).split('/').at(-1) ?? '').replace(/\.ya?ml$/, '');
      if (modelgraded(file) || 'choice_strings' in value) {
        if ('prompt' in value) state.specs.set(name, value);
        else for (const [of, spec] of Object.entries(value)) if (isJsonObject(spec)) state.specs.set(of, spec);
      } else for (const [of, entry] of Object.entries(value)) if (isJsonObject(entry)) state.entries.set(of, entry);
    },
    wants(file) {
      const isData = /(?:^|\/)data\//.test(posix(file));
      return !isData || chosen().some((one) => holdsSamples(file, samplesOf(one)));
    },
    knows: () => true,
    take(record, { file }) {
      if (isJsonObject(record.spec)) logOf(textOf(record.spec.run_id)).spec = record.spec;
      else if (typeof record.sample_id === 'string') logOf(textOf(record.run_id)).events.push(record);
      else state.files.add(file);
    },
    draft() {
      const draft = emptyDraft();
      const wanted = chosen();
      const unknown = options.only.filter((one) => !wanted.some(({ name, alias }) => name === one || alias === one));
      for (const one of unknown) draft.remarks.push({ of: one, said: 'is no eval of this registry' });
      for (const of of wanted) draftEval(of, state, { ...options, draft });
      return draft;
    },
    rowsOf(record, { file, at }) {
      if ('spec' in record || 'sample_id' in record || 'final_report' in record) return [];
      const first = chosen().find((one) => holdsSamples(file, samplesOf(one)));
      if (!first) return [];
      const names = renamingsOf(first);
      const renamed = Object.entries(record).map(([name, value]) => [textOf(names[name]) || name, value] as const);
      const mapped = toRow(Object.fromEntries(renamed), null);
      if (typeof mapped === 'string') return [mapped];
      return [{ dataset: datasetOf(first), key: rowKey(samplesOf(first), at - 1), row: mapped.row, source: null }];
    },
  };
}
