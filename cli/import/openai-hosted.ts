import { toRow } from '@wheelhouse/core/dataset';
import {
  type ItemShape,
  openaiModel,
  readMessages,
  samplingParameters,
  shapeOfItems,
  twinOfGrader,
} from '@wheelhouse/core/eval';
import { contentHash, isJsonObject, type Json, type JsonObject, type NewRow } from '@wheelhouse/core/records';
import {
  bareName,
  type Draft,
  type DraftCell,
  type DraftModel,
  type DraftRow,
  type ExportReader,
  emptyDraft,
  nameOf,
  objects,
  type Remark,
  textOf,
} from './draft.ts';
import { promptModel, scorersOfTwins } from './model-draft.ts';
import { type Range, scoreOf, unrangedRemark } from './scores.ts';

type Kind = 'eval' | 'run' | 'answer' | 'item' | 'sample';

function kindOf(record: JsonObject): Kind | null {
  if (record.object === 'eval' || Array.isArray(record.testing_criteria)) return 'eval';
  if (record.object === 'eval.run' || (isJsonObject(record.data_source) && 'eval_id' in record)) return 'run';
  if (record.object === 'eval.run.output_item' || isJsonObject(record.datasource_item)) return 'answer';
  if (isJsonObject(record.item)) return 'item';
  return 'input' in record && 'ideal' in record ? 'sample' : null;
}

const time = (seconds: Json | undefined): string =>
  typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : '';

/** Names of results end with an id of the grader. */
const graderName = (name: string): string => name.replace(/-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, '') || name;

/** An item may come with its sample beside it. */
const itemOf = (record: JsonObject): JsonObject => (isJsonObject(record.item) ? record.item : record);

const messageText = (message: Json | undefined): string | null => {
  if (!isJsonObject(message)) return null;
  if (typeof message.content === 'string' && message.content !== '') return message.content;
  return message.tool_calls === undefined ? textOf(message.content) : JSON.stringify(message);
};

type Known = { id: string; name: string; source: string; shape: ItemShape; keepsExpected: boolean; record: JsonObject };

function rowOf(item: JsonObject, { shape, keepsExpected }: Known): NewRow {
  const { expected, output } = shape;
  const left = Object.entries(item).filter(([name]) => name !== output && (keepsExpected || name !== expected));
  return {
    input: Object.fromEntries(left),
    expected: (expected === null ? null : item[expected]) ?? null,
    ...{ metadata: {}, tags: [], split: null, weight: 1 },
  };
}

const hashOf = ({ input, expected, metadata }: NewRow): string => contentHash({ input, expected, metadata });

/** The prompt that a run filled in; a text says why there is none, null: it asked no model. */
function promptOfRun(run: JsonObject, { shape, name, keepsExpected }: Known): DraftModel | string | null {
  const source = isJsonObject(run.data_source) ? run.data_source : {};
  const given = isJsonObject(source.input_messages) ? source.input_messages : null;
  const baseModel = openaiModel(source.model ?? run.model);
  if (given === null || baseModel === null) return null;
  const parameters = samplingParameters(source.sampling_params);
  const description = `What the runs of ${name} asked`;
  const reference = /^item\.([\w-]+)$/.exec(textOf(given.item_reference))?.[1];
  if (reference !== undefined)
    return promptModel(
      name,
      { baseModel, messages: [{ placeholder: reference }], parameters },
      { description, variables: [reference] },
    );
  const place = (at: string): string => {
    if (at.startsWith('input.')) return at.slice('input.'.length);
    return at.startsWith('expected') && keepsExpected ? at.replace('expected', shape.expected ?? '') : at;
  };
  const messages = readMessages(given.template, shape, place);
  if (typeof messages === 'string') return messages;
  const named = [...JSON.stringify(given.template ?? null).matchAll(/\bitem\.([\w-]+)/g)].map(
    ([, variable = '']) => variable,
  );
  const variables = [...new Set(named)];
  return promptModel(name, { baseModel, messages, parameters }, { description, variables });
}

type State = {
  evals: Map<string, JsonObject>;
  runs: Map<string, JsonObject>;
  /** By run. */
  answers: Map<string, JsonObject[]>;
  known: Map<string, Known>;
};

const runsOf = ({ runs }: State, id: string): JsonObject[] =>
  [...runs.values()]
    .filter((run) => run.eval_id === id)
    .sort((a, b) => Number(a.created_at ?? 0) - Number(b.created_at ?? 0));

function evalOf(state: State, id: string): Known {
  const learnt = state.known.get(id);
  if (learnt) return learnt;
  const record = state.evals.get(id) ?? {};
  const shape = shapeOfItems(objects(record.testing_criteria));
  const asked = runsOf(state, id).map(({ data_source: from }) =>
    isJsonObject(from) ? (from.input_messages ?? null) : null,
  );
  const keepsExpected =
    shape.expected !== null && new RegExp(`item\\.${shape.expected}\\b`).test(JSON.stringify(asked));
  const name = textOf(record.name) || id;
  const found = { id, name, source: `OpenAI Evals ${id}`, shape, keepsExpected, record };
  state.known.set(id, found);
  return found;
}

/** Items stand in files that runs name; a file that none does belongs to the only eval, or is a dataset of its own. */
function evalOfFile(state: State, file: string): Known | null {
  const run = [...state.runs.values()].find(({ data_source: from }) => {
    const source = isJsonObject(from) && isJsonObject(from.source) ? from.source : {};
    return typeof source.id === 'string' && source.id !== '' && file.includes(source.id);
  });
  const [only, ...others] = state.evals.keys();
  const id = run === undefined ? (others.length === 0 ? only : undefined) : textOf(run.eval_id);
  return id === undefined ? null : evalOf(state, id);
}

/** Of graders whose scores are not from 0 to 1; as their twins, they are divided by the highest. */
function rangesOf({ record }: Known): Map<string, Range> {
  const ranges = objects(record.testing_criteria).flatMap(({ name, range }): [string, Range][] => {
    const [low, high] = Array.isArray(range) ? range.map(Number) : [];
    return low === undefined || high === undefined || !(high > low)
      ? []
      : [[textOf(name), { min: Math.min(low, 0), max: high }]];
  });
  return new Map(ranges);
}

function outputOf(answer: JsonObject, item: JsonObject, { shape }: Known): string | null {
  const sample = isJsonObject(answer.sample) ? answer.sample : {};
  const own = shape.output === null ? undefined : item[shape.output];
  const said = own ?? sample.output_text ?? objects(sample.output).map(messageText).at(-1);
  return typeof said === 'string' ? said : said === undefined || said === null ? null : JSON.stringify(said);
}

type Scoring = { given: ReadonlyMap<string, Range>; unranged: Set<string> };

function cellOf(answer: JsonObject, of: Known, { given, unranged }: Scoring): DraftCell {
  const ranges = rangesOf(of);
  const item = isJsonObject(answer.datasource_item) ? itemOf(answer.datasource_item) : {};
  const output = outputOf(answer, item, of);
  const wrong =
    isJsonObject(answer.sample) && isJsonObject(answer.sample.error) ? textOf(answer.sample.error.message) : '';
  const scores = objects(answer.results).map((result) => {
    const name = graderName(textOf(result.name));
    const grading = isJsonObject(result.sample) ? objects(result.sample.output).map(messageText).at(-1) : null;
    const range = given.get(name) ?? ranges.get(name) ?? null;
    const reason = grading?.slice(0, 2000) || null;
    const score = scoreOf(result.score ?? result.passed, { range, reason, unranged: () => unranged.add(name) });
    return [name, score] as const;
  });
  const isFailed = wrong !== '' || output === null;
  return {
    row: { hash: hashOf(rowOf(item, of)) },
    output: isFailed ? null : output,
    error: isFailed ? wrong || 'the export has no answer' : null,
    scores: Object.fromEntries(scores),
    ...{ latencyNs: 0n, costNanoUsd: null, traceId: null },
  };
}

/** What its runs asked, each prompt once, in the order of the runs. */
function promptsOf(state: State, of: Known, remarks: Remark[]): DraftModel[] {
  const prompts = new Map<string, DraftModel>();
  for (const run of runsOf(state, of.id)) {
    const prompt = promptOfRun(run, of);
    if (typeof prompt === 'string')
      remarks.push({ of: `${of.name}, run ${textOf(run.name)}`, said: `its prompt is left out: ${prompt}` });
    else if (prompt !== null && !prompts.has(contentHash(prompt.definition)))
      prompts.set(contentHash(prompt.definition), prompt);
  }
  return [...prompts.values()];
}

function draftEval(state: State, of: Known, { draft, judge, ranges }: Options & { draft: Draft }): void {
  const { id, name, source, record, shape } = of;
  const dataset = nameOf(name);
  const unranged = new Set<string>();
  const remarks: Remark[] = [];
  draft.datasets.push({ name: dataset, description: name, source, schema: schemaOf(of) });
  const prompts = promptsOf(state, of, remarks);
  const twins = objects(record.testing_criteria).map((grader) => twinOfGrader(grader, shape));
  const { scorers, models, remarks: ofTwins } = scorersOfTwins(twins, { of: name, judge });
  remarks.push(...ofTwins);
  const runs = runsOf(state, id).map((run) => ({
    id: textOf(run.id),
    label: [textOf(run.name) || textOf(run.id), textOf(run.model)].filter(Boolean).join(' · ').slice(0, 200),
    madeAt: time(run.created_at),
    cells: (state.answers.get(textOf(run.id)) ?? []).map((answer) => cellOf(answer, of, { given: ranges, unranged })),
  }));
  const answered = runs.filter(({ cells }) => cells.length > 0);
  if (answered.length > 0) draft.evaluations.push({ name, dataset, runs: answered });
  for (const grader of unranged) remarks.push({ of: `${name}, ${grader}`, said: unrangedRemark(grader) });
  draft.models.push(...prompts, ...models);
  const notes = remarks.map(({ of: whose, said }) => `${whose}: ${said}`);
  draft.files.push({ name: dataset, title: source, dataset, runs: prompts, scorers, notes });
  draft.remarks.push(...remarks);
}

type Options = { judge: string; ranges: ReadonlyMap<string, Range> };

const rowIn = (dataset: string, row: NewRow): DraftRow => ({ dataset, key: null, row, source: null });

function rowsIn(state: State, record: JsonObject, file: string): (DraftRow | string)[] {
  const kind = kindOf(record);
  const isOfEval = kind === 'run' || kind === 'answer';
  const of = isOfEval ? evalOf(state, textOf(record.eval_id)) : evalOfFile(state, file);
  const shaped = (given: JsonObject) => {
    const mapped = toRow(given, null);
    return typeof mapped === 'string' ? mapped : rowIn(nameOf(bareName(file)), mapped.row);
  };
  const own = (item: JsonObject) => (of === null ? shaped(item) : rowIn(nameOf(of.name), rowOf(item, of)));
  if (kind === 'answer' && isJsonObject(record.datasource_item)) return [own(itemOf(record.datasource_item))];
  if (kind === 'item') return [own(itemOf(record))];
  if (kind === 'sample') return [shaped(record)];
  const from =
    isJsonObject(record.data_source) && isJsonObject(record.data_source.source) ? record.data_source.source : {};
  return kind === 'run' ? objects(from.content).map((one) => own(itemOf(one))) : [];
}

/** Exports of OpenAI's hosted evals: evals, their runs and output items, and the items that they ran over. */
export function createHostedReader(options: Options): ExportReader {
  const state: State = { evals: new Map(), runs: new Map(), answers: new Map(), known: new Map() };
  const { evals, runs, answers } = state;
  return {
    knows: (record) => kindOf(record) !== null,
    take(record) {
      const kind = kindOf(record);
      if (kind === 'eval') evals.set(textOf(record.id) || textOf(record.name), record);
      else if (kind === 'run') runs.set(textOf(record.id), record);
      else if (kind === 'answer') {
        const id = textOf(record.run_id);
        const of = answers.get(id) ?? [];
        of.push(record);
        answers.set(id, of);
      }
    },
    draft() {
      const draft = emptyDraft();
      for (const [id, [first]] of answers)
        if (first && !runs.has(id)) runs.set(id, { id, eval_id: first.eval_id ?? '' });
      for (const { eval_id: id } of runs.values()) if (typeof id === 'string' && !evals.has(id)) evals.set(id, { id });
      for (const id of evals.keys()) draftEval(state, evalOf(state, id), { ...options, draft });
      return draft;
    },
    rowsOf: (record, { file }) => rowsIn(state, record, file),
  };
}

/** Of the items, as far as the input takes them. */
function schemaOf({ shape, keepsExpected, record }: Known) {
  const config = isJsonObject(record.data_source_config) ? record.data_source_config : {};
  const whole = isJsonObject(config.schema) ? config.schema : {};
  const properties = isJsonObject(whole.properties) ? whole.properties : {};
  const item = isJsonObject(config.item_schema) ? config.item_schema : properties.item;
  if (!isJsonObject(item) || !isJsonObject(item.properties)) return null;
  const gone = [shape.output, keepsExpected ? null : shape.expected];
  const left = Object.entries(item.properties).filter(([name]) => !gone.includes(name));
  const required = Array.isArray(item.required) ? item.required.filter((name) => !gone.includes(String(name))) : [];
  const expected = shape.expected === null ? undefined : item.properties[shape.expected];
  return {
    input: { ...item, properties: Object.fromEntries(left), required },
    expected: isJsonObject(expected) ? expected : null,
  };
}
