import { readFile } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import { formatUsd } from '@wheelhouse/core/records';
import type { ReconciliationBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { cut, plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type ReconcileOptions = { provider?: string; json?: boolean };

async function read(file: string): Promise<string> {
  if (file === '-') return readText(process.stdin);
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file} cannot be read: ${reason}`, 'Name the bill as it was downloaded, or - for stdin.');
  });
}

const usd = (nano: string | null) => formatUsd(nano === null ? null : BigInt(nano));
const tenth = 10n;

/** A residual is worth a look when it is more than a tenth of the bill, and more than a cent. */
function paintOf(row: { billNanoUsd: string | null; residualNanoUsd: string }, style: Style): (text: string) => string {
  const residual = BigInt(row.residualNanoUsd);
  const size = residual < 0n ? -residual : residual;
  return size > 10_000_000n && size * tenth > BigInt(row.billNanoUsd ?? '0') ? style.yellow : style.dim;
}

/** The table of a reconciliation: a line for each day and model, then the sums. */
export function reconciliationReport(found: ReconciliationBody, style: Style): string {
  const head = ['DAY', 'MODEL', 'OURS', 'BILL', 'RESIDUAL', 'CALLS', 'UNPRICED'].map((text) => ({
    text,
    paint: style.dim,
  }));
  const lines = found.rows.map((row): (string | CellText)[] => [
    row.day,
    cut(plain(row.model), 40),
    row.calls === 0 ? '' : usd(row.oursNanoUsd),
    row.billNanoUsd === null ? '' : usd(row.billNanoUsd),
    { text: usd(row.residualNanoUsd), paint: paintOf(row, style) },
    row.calls === 0 ? '' : row.calls.toLocaleString('en'),
    row.unpriced === 0 ? '' : { text: row.unpriced.toLocaleString('en'), paint: style.yellow },
  ]);
  const sums = [
    ...['', 'all', usd(found.oursNanoUsd), usd(found.billNanoUsd), usd(found.residualNanoUsd)],
    ...[found.calls.toLocaleString('en'), found.unpriced === 0 ? '' : found.unpriced.toLocaleString('en')],
  ].map((text) => ({ text, paint: style.bold }));
  const align = ['left', 'left', 'right', 'right', 'right', 'right', 'right'] as const;
  const whose = found.provider === null ? '' : ` of ${plain(found.provider)}`;
  const title = `  ${plain(found.format)}${whose} · ${found.from} to ${found.until} (UTC) · residual = bill − ours\n`;
  return `${title}\n${renderTable([head, ...lines, sums], [...align]).join('\n')}\n`;
}

/** `wheelhouse prices reconcile` */
export async function reconcile(
  file: string,
  options: ReconcileOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const content = await read(file);
  const body = { content, ...(options.provider !== undefined && { provider: options.provider }) };
  const found = await openClient(config).call('reconcileBill', { body });
  if (options.json) terminal.out(`${JSON.stringify(found)}\n`);
  else terminal.out(reconciliationReport(found, terminal.outStyle));
  for (const note of found.notes) terminal.err(`  ▲ ${plain(note)}\n`);
  if (found.unpriced > 0 && !options.json)
    terminal.err(
      '  Calls without a price are missing in ours: wheelhouse prices set, then wheelhouse prices reprice\n',
    );
  return exitCodes.done;
}
