import type { ModelOutcome, ModelRunner } from '@wheelhouse/core/ports';
import {
  type Example,
  isJsonObject,
  type Json,
  type NanoUsd,
  type ProjectId,
  parseExactJson,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { JobKind, JobRun } from './dataset-worker.ts';
import type { RowsRead } from './job-ledger.ts';
import { pagesOf, type ReadDeps } from './read-examples.ts';

export type SynthesisParams = {
  model: string;
  /** As exact as it can be named: `writer@3`. */
  generator: string;
  instruction: string;
  count: number;
  split: string | null;
  tag: string | null;
  capNanoUsd: string;
};

type Deps = ReadDeps & { runnerOf(project: ProjectId): ModelRunner };

/** Where it is: what it spent, and behind which row it goes on. */
type Place = { spentNanoUsd: string; after: number };

export const syntheticTag = 'synthetic';
const callsAtOnce = 4;
const variantsOfOne = 3;

const task = `You write rows of test data. You get one row as JSON, an instruction, and how many variants are wanted.
Answer with JSON alone: {"rows": [{"input": …, "expected": …}]}. Keep the form of input and expected as they are in the row.
If the row has no expected value, leave it out.`;

function promptOf({ input, expected }: Example, { instruction }: SynthesisParams, variants: number): Json[] {
  const row = expected === null ? { input } : { input, expected };
  return [
    { role: 'system', content: task },
    { role: 'user', content: JSON.stringify({ instruction, variants, row }) },
  ];
}

/** The JSON in an answer, whatever stands around it; null: there is none. */
function jsonIn(text: string): Json | null {
  const from = text.search(/[[{]/);
  const until = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'));
  if (from === -1 || until < from) return null;
  try {
    return parseExactJson(text.slice(from, until + 1));
  } catch {
    return null;
  }
}

type Asked = { source: Example; outcome: ModelOutcome };

/** Rows of answers, marked with who wrote them and of what. */
function rowsOf(asked: readonly Asked[], { generator, instruction }: SynthesisParams, from: number): RowsRead {
  const read: { rows: RowsRead['rows'][number][]; refused: RowsRead['refused'] } = { rows: [], refused: [] };
  let at = from;
  for (const { source, outcome } of asked) {
    const refuse = (error: string) => read.refused.push({ at: at++, error });
    if (!outcome.ok) {
      refuse(`The call failed: ${outcome.error}`);
      continue;
    }
    const answer = jsonIn(outcome.text);
    const rows = Array.isArray(answer)
      ? answer
      : isJsonObject(answer) && Array.isArray(answer.rows)
        ? answer.rows
        : null;
    if (rows === null) refuse('The answer is not the JSON that was asked for.');
    for (const row of rows ?? []) {
      if (!isJsonObject(row) || row.input === undefined || row.input === null) refuse('A variant has no input.');
      else
        read.rows.push({
          ...{ at: at++, input: row.input, expected: row.expected ?? null, split: source.split },
          metadata: { ...source.metadata, synthetic: { generator, of: source.id, instruction } },
          tags: [...source.tags, syntheticTag],
        });
    }
  }
  return read;
}

async function sourcesOf(deps: Deps, run: JobRun, given: { params: SynthesisParams; after: number; most: number }) {
  const { params, after, most } = given;
  const rows = { project: run.by.project, name: run.ledger.job.dataset, version: null };
  const where = { split: params.split, tag: params.tag };
  const found: Example[] = [];
  for await (const page of pagesOf(deps, { ...rows, where }, { after, limit: 100 }))
    for (const row of page) {
      if (row.erasedAt === null && !row.tags.includes(syntheticTag)) found.push(row);
      if (found.length === most) return found;
    }
  return found;
}

const unpriced = (model: string) =>
  new WheelhouseError('conflict', `What \`${model}\` costs is not known, so that its cost cannot be capped.`, {
    hint: 'Give it a price: wheelhouse prices set.',
  });

/** Has a model write variants of rows, until there are as many as wanted or the money is spent. */
export function createSynthesisJob(deps: Deps): JobKind {
  return {
    async run(run) {
      const { by, ledger, signal } = run;
      const params = ledger.job.params as unknown as SynthesisParams;
      const runner = deps.runnerOf(by.project);
      const cap = BigInt(params.capNanoUsd);
      await ledger.note({ total: params.count });
      let isCapped = false;
      for (let barren = 0; ledger.progress().added < params.count && barren < 3; ) {
        const { place, added, read: looked } = ledger.progress();
        const { spentNanoUsd, after } = (place ?? { spentNanoUsd: '0', after: -1 }) as Place;
        isCapped = BigInt(spentNanoUsd) >= cap;
        if (isCapped) break;
        const left = params.count - added;
        const most = Math.min(callsAtOnce, Math.ceil(left / variantsOfOne));
        let sources = await sourcesOf(deps, run, { params, after, most });
        if (sources.length === 0) sources = await sourcesOf(deps, run, { params, after: -1, most });
        if (sources.length === 0) throw new WheelhouseError('dataset_empty', 'There is no row to make variants of.');
        const asked = await Promise.all(
          sources.map(async (source) => {
            const messages = promptOf(source, params, Math.min(variantsOfOne, left));
            return { source, outcome: await runner.run(params.model, { messages, variables: {} }, { signal }) };
          }),
        );
        let spent: NanoUsd = BigInt(spentNanoUsd);
        for (const { outcome } of asked) {
          if (outcome.costNanoUsd === null && outcome.ok) throw unpriced(params.model);
          spent += outcome.costNanoUsd ?? 0n;
        }
        const made = rowsOf(asked, params, looked + 1);
        const rows = made.rows.slice(0, left);
        const next: Place = { spentNanoUsd: spent.toString(), after: sources.at(-1)?.place ?? -1 };
        const batch = { looked: Math.max(rows.length + made.refused.length, 1), place: { ...next }, unique: true };
        await ledger.add({ read: async () => ({ rows, refused: made.refused }), ...batch });
        barren = ledger.progress().added > added ? 0 : barren + 1;
        if (signal.aborted) throw signal.reason;
      }
      const { place, added } = ledger.progress();
      const { spentNanoUsd } = (place ?? { spentNanoUsd: '0' }) as Place;
      const ended = added >= params.count ? 'made' : isCapped ? 'capped' : 'nothing new came';
      return { generator: params.generator, costNanoUsd: spentNanoUsd, ended };
    },
  };
}
