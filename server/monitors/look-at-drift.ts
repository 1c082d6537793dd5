import type { Embedder, TraceFactReads, TraceQueries } from '@wheelhouse/core/ports';
import {
  type Filter,
  formatUsd,
  type MonitorDefinition,
  type MonitorSpending,
  type ProjectId,
} from '@wheelhouse/core/records';
import {
  type DriftFeature,
  type DriftRow,
  findDrift,
  hasRoom,
  judgeDrift,
  rowsToEmbed,
  spentOn,
  withSpent,
} from '@wheelhouse/core/watch';
import { readDriftRows } from './drift-rows.ts';
import { fewSentence, nothing, type RuleFound } from './look-at-rules.ts';
import type { Selected } from './measures.ts';
import { type ProbesOf, whatProbesSay } from './what-probes-say.ts';

export type DriftDeps = {
  queries: Pick<TraceQueries, 'list'>;
  facts: TraceFactReads;
  readFilter(q: string): Filter;
  probesOf: ProbesOf;
  embedderOf(project: ProjectId): Embedder;
};

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;
/** The same rows give the same answer. */
const driftSeed = 1;
const textsAtOnce = 50;
/** A look that takes longer than it is held would be made twice. */
const embeddingMs = 20_000;

type Embedded = { before: DriftRow[]; now: DriftRow[]; nanoUsd: bigint; problem: string | null };
type Sides = { before: DriftRow[]; now: DriftRow[] };

/** Gives rows of both sides the vectors of what was asked, where all of them come. */
async function embedInputs(
  { embedderOf }: Pick<DriftDeps, 'embedderOf'>,
  { project, model }: { project: ProjectId; model: string },
  sides: Sides,
): Promise<Embedded> {
  const rows = [...rowsToEmbed(sides.before, 'input'), ...rowsToEmbed(sides.now, 'input')];
  const chunks: DriftRow[][] = [];
  for (let at = 0; at < rows.length; at += textsAtOnce) chunks.push(rows.slice(at, at + textsAtOnce));
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`no vectors within ${embeddingMs / 1000} s`)), embeddingMs);
  try {
    const embedder = embedderOf(project);
    const answers = await Promise.all(
      chunks.map((chunk, i) =>
        embedder
          .embed(
            model,
            chunk.map(({ texts }) => texts.input ?? ''),
            {
              ...{ signal: ending.signal, tags: ['drift'] },
              run: { runId: 'drift', exampleId: String(i), repetition: 0 },
            },
          )
          .catch((error: unknown) => ({
            ...{ ok: false as const, error: error instanceof Error ? error.message : String(error) },
          })),
      ),
    );
    const nanoUsd = answers.reduce((sum, answer) => sum + (answer.ok ? (answer.costNanoUsd ?? 0n) : 0n), 0n);
    const failed = answers.find((answer) => !answer.ok);
    if (failed && !failed.ok) return { ...sides, nanoUsd, problem: failed.error };
    const vectors = answers.flatMap((answer) => (answer.ok ? answer.vectors : []));
    const vectorOf = new Map(rows.map((row, i) => [row, vectors[i] ?? []]));
    const withVectors = (side: readonly DriftRow[]) =>
      side.map((row) => {
        const vector = vectorOf.get(row);
        return vector === undefined ? row : { ...row, vectors: { input_meaning: vector } };
      });
    return { before: withVectors(sides.before), now: withVectors(sides.now), nanoUsd, problem: null };
  } finally {
    clearTimeout(timer);
  }
}

type DriftRule = Extract<MonitorDefinition['rule'], { kind: 'drift' }>;
type Paid = Sides & { spent: MonitorSpending | undefined; said: string };

/** With vectors where the rule names a model and its budget has room; otherwise with a sentence that says why not. */
async function withMeaning(
  deps: Pick<DriftDeps, 'embedderOf'>,
  {
    project,
    rule,
    spent,
    nowMs,
  }: { project: ProjectId; rule: DriftRule; spent: MonitorSpending | undefined; nowMs: number },
  sides: Sides,
): Promise<Paid> {
  const { embed, budgetUsd } = rule;
  if (embed === null) return { ...sides, spent, said: '' };
  const at = new Date(nowMs).toISOString();
  if (!hasRoom(spent, { at, budgetUsd })) {
    const said = ` Its meaning was not looked at: of $${budgetUsd} a day ${formatUsd(spentOn(spent, at))} is spent.`;
    return { ...sides, spent, said };
  }
  const { before, now, nanoUsd, problem } = await embedInputs(deps, { project, model: embed }, sides);
  const said = problem === null ? '' : ` Its meaning was not looked at: ${problem}`;
  return { before, now, spent: withSpent(spent, { at, nanoUsd }), said };
}

export type DriftFound = RuleFound & { drift: DriftFeature[]; spent: MonitorSpending | undefined };

/** Whether the traces of a window are like those a week before, or like those that are pinned. */
export async function lookAtDrift(
  deps: DriftDeps & { languageOf(text: string): string | null },
  selected: Selected,
  {
    rule,
    leastRows,
    ...times
  }: Pick<MonitorDefinition, 'leastRows'> & {
    rule: DriftRule;
    spent: MonitorSpending | undefined;
    between: { fromMs: number; untilMs: number };
    nowMs: number;
  },
): Promise<DriftFound> {
  const { between, nowMs, spent: spentBefore } = times;
  const { fromMs, untilMs } = between;
  const pinned = rule.against.kind === 'filter' ? deps.readFilter(rule.against.q) : null;
  const weekBefore = { fromMs: fromMs - weekMs, untilMs: untilMs - weekMs };
  const read = (of: Selected, at: typeof between | null) => readDriftRows(deps, of, { between: at, nowMs });
  const now = await read(selected, between);
  const before = await (pinned === null ? read(selected, weekBefore) : read({ ...selected, filter: pinned }, null));
  const rows = Math.min(now.length, before.length);
  if (rows < leastRows) {
    const judged = nothing(fewSentence(rows, leastRows));
    return { value: null, rows: now.length, drift: [], spent: spentBefore, ...judged };
  }
  const { project } = selected;
  const paid = await withMeaning(deps, { project, rule, spent: spentBefore, nowMs }, { before, now });
  const drift = findDrift(paid.before, paid.now, { seed: driftSeed });
  const judged = judgeDrift(drift);
  const value = drift.filter(({ drifted }) => drifted).length;
  const told = { value, rows: now.length, drift, spent: paid.spent, ...judged };
  if (judged.found !== 'bad') return { ...told, sentence: `${judged.sentence}${paid.said}` };
  const models = new Set(now.flatMap(({ labels }) => labels.model ?? []));
  const from = pinned === null ? weekBefore.fromMs : fromMs;
  const said = await whatProbesSay(deps, project, { models, fromMs: from, untilMs });
  return { ...told, sentence: `${judged.sentence}${said}${paid.said}` };
}
