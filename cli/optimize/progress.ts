import { formatUsd } from '@wheelhouse/core/records';
import { type Budget, type CompileEvent, candidateHash, type Spent } from '@wheelhouse/sdk/program';
import { bar, eta } from '../output/progress.ts';
import type { Terminal } from '../output/terminal.ts';
import { cut } from '../output/text.ts';

const barColumns = 12;
/** Beside the bar, so that a line is never broken, which could not be drawn again. */
const shownColumns = 79 - barColumns - 3;

const percent = (score: number) => `${(score * 100).toFixed(1)} %`;

/** How much of the budget is spent, 0 to 1. */
function shareOf({ calls, costNanoUsd, minutes }: Budget, spent: Spent): number {
  const share = (used: number, of: number | undefined) => (of === undefined ? 0 : of === 0 ? 1 : used / of);
  const dollars = costNanoUsd === undefined ? undefined : Number(costNanoUsd);
  return Math.min(
    1,
    Math.max(share(spent.calls, calls), share(Number(spent.costNanoUsd ?? 0n), dollars), share(spent.minutes, minutes)),
  );
}

/** `312 of 600 calls  $0.02`, with what there is a limit of. */
export function spentText({ calls, costNanoUsd, minutes }: Spent, budget: Budget = {}): string {
  const of = (text: string | undefined) => (text === undefined ? '' : ` of ${text}`);
  const limit = budget.costNanoUsd;
  return [
    `${calls}${of(budget.calls?.toLocaleString('en'))} calls`,
    ...(costNanoUsd === null
      ? ['cost unknown']
      : [`${formatUsd(costNanoUsd)}${of(limit === undefined ? undefined : formatUsd(limit))}`]),
    ...(budget.minutes === undefined ? [] : [`${minutes.toFixed(1)} of ${budget.minutes} min`]),
  ].join('  ');
}

/** One line: how much is spent, the best score so far against the program's own; elsewhere a line per 10 % and per better candidate. */
export function optimizationProgress(terminal: Terminal, budget: Budget, nowMs: () => number) {
  let began: { ms: number; share: number } | null = null;
  let base: { id: string; score: number | null } = { id: '', score: null };
  let best: number | null = null;
  let lastTenth = 0;
  let phase = '';

  function line(spent: Spent): string {
    const scores =
      best === null ? '' : `best ${percent(best)}${base.score === null ? '' : ` (was ${percent(base.score)})`}`;
    return [scores, spentText(spent, budget), phase].filter(Boolean).join('  ');
  }
  function draw(spent: Spent, isNews: boolean): void {
    const share = shareOf(budget, spent);
    began ??= { ms: nowMs(), share };
    if (terminal.live) {
      const elapsedMs = nowMs() - began.ms;
      const left = eta({ done: share - began.share, total: 1 - began.share, elapsedMs }).replace('ETA', 'at most');
      const text = cut([left, line(spent)].filter(Boolean).join('  '), shownColumns);
      terminal.err(`\r\u001b[2K  ${terminal.errStyle.cyan(bar(share, barColumns))} ${text}`);
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth <= lastTenth && !isNews) return;
    lastTenth = Math.max(tenth, lastTenth);
    terminal.err(`  ${String(Math.floor(share * 100)).padStart(3)} %  ${line(spent)}\n`);
  }

  return {
    see(event: CompileEvent): void {
      let isNews = false;
      if (event.type === 'began') base = { id: candidateHash(event.program), score: null };
      if (event.type === 'scored' && event.scope === 'validation') {
        if (event.id === base.id) base = { ...base, score: event.score };
        isNews = best === null || event.score > best;
        best = Math.max(best ?? 0, event.score);
      }
      if (event.type === 'stopped') phase = 'comparing';
      draw(event.spent, isNews);
    },
    best: () => best,
    end(): void {
      if (terminal.live) terminal.err('\r\u001b[2K');
    },
  };
}
