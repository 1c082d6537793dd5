import { readFile } from 'node:fs/promises';
import { contentHash, type NewRow } from '@wheelhouse/core/records';
import type { Draft, DraftDataset, DraftFile, DraftModel, DraftRow, ExportReader, Problem, Remark } from './draft.ts';
import { createLangfuseReader } from './langfuse.ts';
import { createLangSmithReader } from './langsmith.ts';
import { createHostedReader } from './openai-hosted.ts';
import { createRegistryReader } from './openai-registry.ts';
import { type ExportFile, readExport } from './read-files.ts';
import type { Range } from './scores.ts';

export type Tool = 'openai-evals' | 'langfuse' | 'langsmith';
export const toolNames: Record<Tool, string> = {
  'openai-evals': 'OpenAI Evals',
  langfuse: 'Langfuse',
  langsmith: 'LangSmith',
};

export type PlanOptions = {
  tool: Tool;
  /** Before the names of all that is made. */
  prefix: string;
  judge: string;
  ranges: ReadonlyMap<string, Range>;
  /** Evals of a registry, by name; none: all. */
  only: readonly string[];
  /** Told of each file before it is read; all are read twice. */
  onFile?: (file: ExportFile) => void;
};

export type PlacedRow = DraftRow & { hash: string; file: string; at: number };

export type Plan = Draft & {
  tool: Tool;
  /** Different rows, by dataset. */
  rows: Map<string, number>;
  /** The first of them. */
  problems: Problem[];
  problemCount: number;
  /** Hashes of rows, by what results know them by. */
  hashOfKey: Map<string, string>;
  /** Reads the export again: the different rows of a dataset. */
  readRows(dataset: string): AsyncGenerator<PlacedRow>;
};

const shownProblems = 1_000;

const hashOfRow = ({ input, expected, metadata }: NewRow): string => contentHash({ input, expected, metadata });

type Opened = { reader: ExportReader; files: ExportFile[] };

/** Where YAML is, there is a registry; else exports of the hosted API. */
async function openOpenAi(
  files: readonly ExportFile[],
  options: PlanOptions,
  note: (problem: Problem) => void,
): Promise<Opened> {
  const { judge, ranges, only } = options;
  const yaml = files.filter(({ format }) => format === 'yaml');
  const others = files.filter(({ format }) => format !== 'yaml');
  if (yaml.length === 0) return { reader: createHostedReader({ judge, ranges }), files: others };
  const reader = createRegistryReader({ judge, ranges, only });
  for (const { path, shown } of yaml)
    try {
      reader.takeYaml(await readFile(path, 'utf8'), shown);
    } catch (error) {
      note({
        file: shown,
        at: 1,
        error: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      });
    }
  return { reader, files: others.filter(({ shown }) => reader.wants(shown)) };
}

async function open(
  files: readonly ExportFile[],
  options: PlanOptions,
  note: (problem: Problem) => void,
): Promise<Opened> {
  const { tool, ranges } = options;
  if (tool === 'openai-evals') return openOpenAi(files, options, note);
  const reader = tool === 'langfuse' ? createLangfuseReader({ ranges }) : createLangSmithReader({ ranges });
  return { reader, files: files.filter(({ format }) => format !== 'yaml') };
}

/** What stands in the place of a file that git keeps elsewhere. */
const isPointer = (error: string, at: number, isFirst: boolean) => isFirst && at === 1 && error.includes('version ht');
const pointerError = 'It is a pointer of Git LFS and not the file itself: get it with `git lfs pull`.';

type Place = { file: string; at: number };

/** All that the reader knows, with its place; what cannot be read is noted when it is asked for the first time. */
async function* recordsOf(
  opened: Opened,
  chosen: readonly ExportFile[],
  { note, onFile }: { note?: (problem: Problem) => void; onFile?: PlanOptions['onFile'] | undefined } = {},
) {
  for (const file of chosen) {
    onFile?.(file);
    let isPassed = false;
    let isFirst = true;
    for await (const found of readExport(file, (record) => opened.reader.knows(record))) {
      const place: Place = { file: file.shown, at: found.at };
      if ('record' in found) yield { record: found.record, place, file };
      else if (!isPassed) {
        isPassed = isPointer(found.error, found.at, isFirst);
        note?.({ ...place, error: isPassed ? pointerError : found.error });
      }
      isFirst = false;
    }
  }
}

function prefixed(draft: Draft, prefix: string): Draft {
  if (prefix === '') return draft;
  const models = new Map<DraftModel, DraftModel>(
    draft.models.map((one) => [one, { ...one, name: `${prefix}${one.name}` }]),
  );
  const now = (model: DraftModel): DraftModel => models.get(model) ?? model;
  return {
    ...draft,
    datasets: draft.datasets.map((one) => ({ ...one, name: `${prefix}${one.name}` })),
    models: draft.models.map(now),
    evaluations: draft.evaluations.map((one) => ({ ...one, dataset: `${prefix}${one.dataset}` })),
    files: draft.files.map((one) => ({
      ...{ ...one, name: `${prefix}${one.name}`, dataset: `${prefix}${one.dataset}` },
      runs: one.runs.map((run) => (typeof run === 'string' ? run : now(run))),
      scorers: one.scorers.map((scorer) =>
        'model' in scorer && scorer.model ? { ...scorer, model: now(scorer.model) } : scorer,
      ),
    })),
  };
}

/** Leaves out answers to rows that the export does not have, and says how many. */
function withRows(draft: Draft, { rows, hashOfKey }: Pick<Plan, 'rows' | 'hashOfKey'>): Draft {
  const remarks: Remark[] = [];
  const evaluations = draft.evaluations.map((evaluation) => ({
    ...evaluation,
    runs: evaluation.runs.flatMap((run) => {
      const cells = run.cells.filter(({ row }) => 'hash' in row || hashOfKey.has(row.key));
      const lost = run.cells.length - cells.length;
      if (lost > 0)
        remarks.push({
          of: `${evaluation.name}, ${run.label}`,
          said: `${lost} answers are left out: the export lacks their rows`,
        });
      return cells.length === 0 ? [] : [{ ...run, cells }];
    }),
  }));
  const kept = evaluations.filter(({ runs, dataset }) => runs.length > 0 && rows.has(dataset));
  return { ...draft, evaluations: kept, remarks: [...draft.remarks, ...remarks] };
}

/** A dataset for rows of a file that belongs to none that the export describes. */
const bareDataset = (name: string, tool: Tool): DraftDataset => ({
  ...{ name, description: '', source: `${toolNames[tool]} export ${name}`, schema: null },
});

/** For datasets whose graders no export tells of. */
const plainFiles = (datasets: readonly DraftDataset[], files: readonly DraftFile[]): DraftFile[] =>
  datasets
    .filter(({ name }) => !files.some((file) => file.dataset === name))
    .map(({ name, source }) => ({ name, title: source, dataset: name, runs: [], scorers: [], notes: [] }));

/** Reads the whole export, in bounded memory but for its results, and says what would be made. */
export async function makePlan(files: readonly ExportFile[], options: PlanOptions): Promise<Plan> {
  const { tool, prefix, onFile } = options;
  const problems: Problem[] = [];
  let problemCount = 0;
  const note = (problem: Problem) => {
    if (problemCount++ < shownProblems) problems.push(problem);
  };
  const opened = await open(files, options, note);
  const { reader } = opened;
  for await (const { record, place } of recordsOf(opened, opened.files, { note, onFile })) reader.take(record, place);
  const draft = prefixed(reader.draft(), prefix);
  const rows = new Map<string, number>();
  const seen = new Map<string, Set<string>>();
  const filesOf = new Map<string, Set<ExportFile>>();
  const hashOfKey = new Map<string, string>();
  const asked = new Set(
    draft.evaluations.flatMap(({ runs }) =>
      runs.flatMap(({ cells }) => cells.flatMap(({ row }) => ('key' in row ? [row.key] : []))),
    ),
  );
  for await (const { record, place, file } of recordsOf(opened, opened.files, { onFile }))
    for (const found of reader.rowsOf(record, place)) {
      if (typeof found === 'string') {
        note({ ...place, error: found });
        continue;
      }
      const dataset = `${prefix}${found.dataset}`;
      const hash = hashOfRow(found.row);
      if (found.key !== null && asked.has(found.key)) hashOfKey.set(found.key, hash);
      const known = seen.get(dataset) ?? new Set();
      seen.set(dataset, known.add(hash.slice(0, 24)));
      filesOf.set(dataset, (filesOf.get(dataset) ?? new Set()).add(file));
    }
  for (const [dataset, hashes] of seen) rows.set(dataset, hashes.size);
  const bare = [...rows.keys()].filter((name) => !draft.datasets.some((one) => one.name === name));
  const empty = draft.datasets.filter(({ name }) => !rows.has(name));
  const all = withRows(draft, { rows, hashOfKey });
  const datasets = [
    ...all.datasets.filter(({ name }) => rows.has(name)),
    ...bare.map((name) => bareDataset(name, tool)),
  ];
  return {
    ...all,
    datasets,
    files: [...all.files.filter(({ dataset }) => rows.has(dataset)), ...plainFiles(datasets, all.files)],
    remarks: [
      ...all.remarks,
      ...empty.map(({ name }) => ({ of: `dataset ${name}`, said: 'is left out: the export has no rows of it' })),
    ],
    ...{ tool, rows, problems, problemCount, hashOfKey },
    async *readRows(dataset) {
      const sent = new Set<string>();
      const chosen = opened.files.filter((file) => filesOf.get(dataset)?.has(file));
      for await (const { record, place } of recordsOf(opened, chosen))
        for (const found of reader.rowsOf(record, place)) {
          if (typeof found === 'string' || `${prefix}${found.dataset}` !== dataset) continue;
          const hash = hashOfRow(found.row);
          if (sent.has(hash.slice(0, 24))) continue;
          sent.add(hash.slice(0, 24));
          yield { ...found, dataset, hash, ...place };
        }
    },
  };
}
