import { formatDuration, msToNanos } from '@wheelhouse/core/records';
import type { Terminal } from './terminal.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of so many columns, filled to an eighth of a column. */
export function bar(share: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * columns * 8);
  const text = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return text.padEnd(columns, ' ');
}

/** Time left when the rest goes as fast as what is done; empty before there is something to go by. */
export function eta(options: { done: number; total: number; elapsedMs: number }): string {
  const { done, total, elapsedMs } = options;
  if (done === 0 || done >= total || elapsedMs < 1000) return '';
  const seconds = Math.ceil((elapsedMs / done / 1000) * (total - done));
  return `ETA ${seconds < 60 ? `${seconds} s` : formatDuration(msToNanos(seconds * 1000))}`;
}

export type Progress = { update(done: number, total: number, note: string): void; end(): void };

/** One line that is drawn again on a terminal; elsewhere a line per 10 %. */
export function createProgress(terminal: Terminal, nowMs: () => number): Progress {
  const started = nowMs();
  let lastTenth = 0;
  return {
    update(done, total, note) {
      const share = total === 0 ? 0 : done / total;
      if (terminal.live) {
        const rest = [`${done}/${total}`, eta({ done, total, elapsedMs: nowMs() - started }), note].filter(Boolean);
        terminal.err(`\r\u001b[2K  ${terminal.errStyle.cyan(bar(share, 28))} ${rest.join('  ')}`);
        return;
      }
      const tenth = Math.floor(share * 10);
      if (tenth <= lastTenth) return;
      lastTenth = tenth;
      terminal.err(`  ${String(tenth * 10).padStart(3)} %  ${done}/${total}${note ? `  ${note}` : ''}\n`);
    },
    end() {
      if (terminal.live) terminal.err('\r\u001b[2K');
    },
  };
}
