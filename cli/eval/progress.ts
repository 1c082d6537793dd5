import { formatUsd } from '@wheelhouse/core/records';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { createProgress, type Progress } from '../output/progress.ts';
import type { Terminal } from '../output/terminal.ts';

const money = (nanoUsd: string) => formatUsd(BigInt(nanoUsd));

function costNote({ costNanoUsd, estimateNanoUsd, capNanoUsd }: EvaluationBody): string {
  if (costNanoUsd === null) return '';
  const of = estimateNanoUsd === null ? '' : ` of est. ${money(estimateNanoUsd)}`;
  return `${money(costNanoUsd)}${of}${capNanoUsd === null ? '' : ` (limit ${money(capNanoUsd)})`}`;
}

/** One line: how far it is, what failed, what it cost. */
export function evaluationProgress(terminal: Terminal): { show(now: EvaluationBody): void; end(): void } {
  const progress: Progress = createProgress(terminal, () => performance.now());
  return {
    show(now) {
      const failed = now.failed > 0 ? `${now.failed} ✕` : '';
      progress.update(now.done, now.total, [failed, costNote(now)].filter(Boolean).join('  '));
    },
    end: progress.end,
  };
}
