import type { ModelRunner } from '@wheelhouse/core/ports';
import {
  formatUsd,
  type MonitorRule,
  type MonitorSpending,
  type ProbeState,
  type ProjectId,
} from '@wheelhouse/core/records';
import { hasRoom, judgeProbe, noProbe, spentOn, withSpent } from '@wheelhouse/core/watch';

export type ProbeDeps = { runnerOf(project: ProjectId): ModelRunner };

/** Its model answers within it, or has not answered; a look that takes longer than it is held would be made twice. */
const answersMs = 20_000;
const longestAnswer = 4_000;

/**
 * Asks a model all its prompts, at once, and holds the answers against those before; nothing is asked beyond its budget. Its
 * calls are in no list of traces.
 */
export async function probe(
  { runnerOf }: ProbeDeps,
  project: ProjectId,
  {
    rule: { model, prompts, temperature, budgetUsd },
    before = noProbe,
    spent,
    nowMs,
  }: {
    rule: Extract<MonitorRule, { kind: 'probe' }>;
    before: ProbeState | undefined;
    spent: MonitorSpending | undefined;
    nowMs: number;
  },
) {
  const at = new Date(nowMs).toISOString();
  if (!hasRoom(spent, { at, budgetUsd })) {
    const sentence = `${model} was not asked: of $${budgetUsd} a day ${formatUsd(spentOn(spent, at))} is spent, and asking costs ${formatUsd(BigInt(spent?.lastNanoUsd ?? 0))}.`;
    const found = { found: 'nothing' as const, sentence, expected: null };
    return { ...found, value: null, rows: 0, probe: before, spent };
  }
  const runner = runnerOf(project);
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`no answer within ${answersMs / 1000} s`)), answersMs);
  let problem: string | null = null;
  let nanoUsd = 0n;
  try {
    const texts = await Promise.all(
      prompts.map(async (content, i) => {
        const run = { runId: 'probe', exampleId: String(i), repetition: 0 };
        const parameters = temperature === null ? {} : { temperature };
        const input = { messages: [{ role: 'user', content }], variables: {} };
        const options = { signal: ending.signal, parameters, run, tags: ['probe'] };
        const answer = await runner.run(model, input, options).catch((error: unknown) => ({
          ...{ ok: false as const, error: error instanceof Error ? error.message : String(error), costNanoUsd: null },
        }));
        nanoUsd += answer.costNanoUsd ?? 0n;
        if (answer.ok) return answer.text.slice(0, longestAnswer);
        problem = answer.error;
        return null;
      }),
    );
    const { judgement, state, value, rows } = judgeProbe(before, { at, texts, model });
    const why = judgement.found === 'nothing' && problem !== null ? ` The last problem was: ${problem}` : '';
    const sentence = `${judgement.sentence}${why}`;
    return { ...judgement, sentence, value, rows, probe: state, spent: withSpent(spent, { at, nanoUsd }) };
  } finally {
    clearTimeout(timer);
  }
}
