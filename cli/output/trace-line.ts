import { formatDuration, formatUsd } from '@wheelhouse/core/records';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { cut, padEnd, padStart, plain } from './text.ts';

/** `09:14:02  trace  chat sim/echo   212 ms   $0  ✓ first trace!`, with a link below the first and below failed ones. */
export function traceLine(trace: TraceSummaryBody, options: { first: boolean; url: string; style: Style }): string {
  const { first, url, style } = options;
  const failed = trace.status === 'error';
  const time = new Date(Number(BigInt(trace.startNs) / 1_000_000n)).toTimeString().slice(0, 8);
  const duration = trace.endNs === null ? '…' : formatDuration(BigInt(trace.endNs) - BigInt(trace.startNs));
  const cost = formatUsd(trace.costNanoUsd === null ? null : BigInt(trace.costNanoUsd));
  const parts = [
    style.dim(time),
    'trace',
    padEnd(cut(plain(trace.name), 30), 30),
    padStart(duration, 8),
    padStart(cost, 8),
  ];
  if (failed) parts.push(`${style.red('✕')} ${cut(plain(trace.statusMessage ?? 'error'), 40)}`.trimEnd());
  else if (first) parts.push(`${style.green('✓')} first trace!`);
  const link = `            → ${style.cyan(`${url}/x/${trace.traceId}`)}\n`;
  return `  ${parts.join('  ')}\n${first || failed ? link : ''}`;
}
