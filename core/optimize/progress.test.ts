import { ruleTask } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { candidateHash, candidateOf } from '../program/index.ts';
import type { CompileState, Optimizer } from './index.ts';
import { compile, createProgress, gepa, randomSearch, recordedReport } from './index.ts';

/** What a record of a search says, at its end and where it began to look for candidates. */
async function recorded(optimizer: Optimizer, { calls = 900, state }: { calls?: number; state?: CompileState } = {}) {
  const { program, deps, ...task } = ruleTask({ seed: 3, train: 12, validation: 12, heldOut: 12 });
  const progress = createProgress();
  const phases: (string | null)[] = [];
  const done = await compile(
    program,
    {
      ...{ ...task, optimizer, budget: { calls }, seed: 1, ...(state ? { state } : {}) },
      onEvent(event) {
        progress.see(event);
        const { phase } = progress.now();
        if (phases.at(-1) !== phase) phases.push(phase);
      },
    },
    deps,
  );
  return { program, phases, done, now: progress.now(), news: progress.news(), rest: progress.news() };
}

describe('the record of a search', () => {
  it('has every candidate once, the program as it was first, with its scores, and the best of them', async () => {
    const { program, phases, done, now, news, rest } = await recorded(gepa({ runs: 120 }));
    expect(phases).toEqual(['measuring', 'searching', 'comparing', null]);
    expect(now.rows).toEqual({ train: 12, validation: 12, heldOut: 12 });
    expect(rest).toEqual([]);
    expect(news[0]).toMatchObject({ id: candidateHash(candidateOf(program)), by: 'start', parents: [], changed: [] });
    expect(news.slice(1).map(({ id }) => id)).toEqual(done.report.candidates.map(({ id }) => id));
    expect(news.at(-1)).toMatchObject({ by: 'reflection', changed: ['instructions'], parents: [expect.any(String)] });
    expect(now.bestId).toBe(candidateHash(done.best.candidate));
    const best = now.scores[now.bestId ?? '']?.score;
    expect(best?.value).toBe(Math.max(...now.points.map(({ score }) => score)));
    expect(best?.low).toBeLessThanOrEqual(best?.value ?? 0);
    expect(now.points.at(-1)).toMatchObject({ best: best?.value });
    expect(now.spend.calls).toBe(done.report.spent.total.calls);
    const leads = now.front?.members.flatMap((one) => one.leads) ?? [];
    expect(now.front?.rows).toBe(12);
    expect(new Set(leads)).toEqual(new Set(Array.from({ length: 12 }, (_, row) => row)));
  });

  it('is the same where the search was repeated from its answers', async () => {
    const first = await recorded(randomSearch({ candidates: 2 }));
    const again = await recorded(randomSearch({ candidates: 2 }), { state: first.done.state });
    expect({ now: again.now, news: again.news }).toEqual({ now: first.now, news: first.news });
  });

  it('is JSON, whatever it cost', async () => {
    const { done, now } = await recorded(randomSearch({ candidates: 1 }), { calls: 60 });
    const report = recordedReport(done.report);
    expect(JSON.parse(JSON.stringify({ now, report }))).toEqual({ now, report });
    expect(report.spent.total.costNanoUsd).toBe(String(report.spent.total.calls));
  });
});
