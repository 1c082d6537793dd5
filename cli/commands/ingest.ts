import { readFile } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import type { LedgerBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { cut, plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type LedgerOptions = { allProjects?: boolean; json?: boolean };
type Sum = Pick<LedgerBody, 'sources' | 'partial'> & Partial<Pick<LedgerBody, 'deadLetters'>>;
export type LetterOptions = { source?: string; reason?: string; limit: number; json?: boolean };
export type ReplayOptions = { source?: string; reason?: string };

const number = (value: number) => value.toLocaleString('en');
const dimmed = (style: Style, ...texts: string[]) => texts.map((text) => ({ text, paint: style.dim }));

function lagOf({ waiting, oldestWaitingAt }: LedgerBody['sources'][number], nowMs: number): string {
  if (waiting === 0 || oldestWaitingAt === null) return '';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(oldestWaitingAt)) / 1000));
  return seconds < 120 ? `${seconds} s` : `${number(Math.round(seconds / 60))} min`;
}

/** The ledger as tables: a line a door that was used, then why spans were rejected. */
export function ledgerReport(ledger: Pick<Sum, 'sources'>, { style, nowMs }: { style: Style; nowMs: number }): string {
  const used = ledger.sources.filter(({ received }) => received > 0);
  if (used.length === 0) return '  No span has arrived yet.\n';
  const head = dimmed(style, 'DOOR', 'RECEIVED', 'STORED', 'REJECTED', 'WAITING', 'ON DISK', 'LAG');
  const lines = used.map((account): (string | CellText)[] => [
    plain(account.source),
    number(account.received),
    number(account.stored),
    { text: number(account.rejected), paint: account.rejected > 0 ? style.yellow : style.dim },
    number(account.waiting),
    number(account.spilled),
    lagOf(account, nowMs),
  ]);
  const align = ['left', 'right', 'right', 'right', 'right', 'right', 'right'] as const;
  const reasons = used
    .flatMap(({ source, rejections }) => rejections.map((rejection) => ({ source, ...rejection })))
    .sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1))
    .map(({ source, reason, spans, lastAt, sample }): (string | CellText)[] => [
      plain(source),
      number(spans),
      cut(plain(reason), 40),
      `${lastAt.slice(0, 10)} ${lastAt.slice(11, 19)}`,
      { text: cut(plain(sample), 70), paint: style.dim },
    ]);
  const why = [dimmed(style, 'DOOR', 'SPANS', 'REJECTED FOR', 'LAST (UTC)', 'SAMPLE'), ...reasons];
  const parts = [`${renderTable([head, ...lines], [...align]).join('\n')}\n`];
  if (reasons.length > 0) parts.push(`${renderTable(why, ['left', 'right', 'left', 'left', 'left']).join('\n')}\n`);
  return parts.join('\n');
}

/** `wheelhouse ingest ledger` */
export async function showLedger(options: LedgerOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const ledger: Sum = await client.call(options.allProjects ? 'getServerLedger' : 'getLedger', {});
  if (options.json) {
    terminal.out(`${JSON.stringify(ledger)}\n`);
    return exitCodes.done;
  }
  terminal.out(ledgerReport(ledger, { style: terminal.outStyle, nowMs: Date.now() }));
  const { deadLetters, partial } = ledger;
  if (deadLetters && deadLetters.kept > 0)
    terminal.err(
      `  ${number(deadLetters.kept)} dead ${deadLetters.kept === 1 ? 'letter is' : 'letters are'} kept: wheelhouse ingest dead-letters\n`,
    );
  if (partial) terminal.err('  ▲ The record store is away: what other servers counted is missing.\n');
  return exitCodes.done;
}

async function printBody(id: string, { config, terminal }: Deps): Promise<ExitCode> {
  const letter = await openClient(config).call('getDeadLetter', { params: { letterId: id } });
  terminal.err(
    `  ${plain(letter.path)} · ${plain(letter.contentType)} · ${plain(letter.reason)}: ${plain(letter.sample)}\n`,
  );
  // As it is, also to a file: this is what one repairs.
  terminal.out(letter.text ?? letter.base64 ?? '');
  terminal.err(letter.text === null ? '\n  It is no text; shown as base64.\n' : '\n');
  return exitCodes.done;
}

/** `wheelhouse ingest dead-letters` */
export async function showLetters(id: string | undefined, options: LetterOptions, deps: Deps): Promise<ExitCode> {
  if (id !== undefined && !options.json) return printBody(id, deps);
  const { terminal } = deps;
  const client = openClient(deps.config);
  if (id !== undefined) {
    terminal.out(`${JSON.stringify(await client.call('getDeadLetter', { params: { letterId: id } }))}\n`);
    return exitCodes.done;
  }
  const { source, reason, limit } = options;
  const query = {
    limit: Math.min(limit, 500),
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
  };
  const { data, next } = await client.call('listDeadLetters', { query });
  if (options.json) terminal.out(`${JSON.stringify(data)}\n`);
  else if (data.length === 0) terminal.out('  There are no dead letters.\n');
  else {
    const style = terminal.outStyle;
    const lines = data.map((letter): (string | CellText)[] => [
      plain(letter.id),
      plain(letter.source),
      `${letter.receivedAt.slice(0, 10)} ${letter.receivedAt.slice(11, 19)}`,
      number(letter.bytes),
      letter.replays === 0 ? '' : number(letter.replays),
      cut(plain(letter.reason), 32),
      { text: cut(plain(letter.sample), 60), paint: style.dim },
    ]);
    const head = dimmed(style, 'ID', 'DOOR', 'RECEIVED (UTC)', 'BYTES', 'REPLAYS', 'REASON', 'SAMPLE');
    const align = ['left', 'left', 'left', 'right', 'right', 'left', 'left'] as const;
    terminal.out(`${renderTable([head, ...lines], [...align]).join('\n')}\n`);
    if (next !== null) terminal.err('  There are more: --limit 500\n');
  }
  return exitCodes.done;
}

/** `wheelhouse ingest repair` */
export async function repairLetter(
  id: string,
  file: string,
  { config, terminal, type }: Deps & { type: string },
): Promise<ExitCode> {
  const text = await (file === '-' ? readText(process.stdin) : readFile(file, 'utf8')).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file} cannot be read: ${reason}`, 'Name the file with the repaired body, or - for stdin.');
  });
  const body = { text, contentType: type };
  await openClient(config).call('repairDeadLetter', { params: { letterId: id }, body });
  terminal.out(
    `  ${terminal.outStyle.green('✓')} ${plain(id)} is repaired. Send it: wheelhouse ingest replay ${plain(id)}\n`,
  );
  return exitCodes.done;
}

/** `wheelhouse ingest replay`: fails when something is refused again. */
export async function replayLetters(ids: string[], options: ReplayOptions, deps: Deps): Promise<ExitCode> {
  const { terminal } = deps;
  const body = {
    ...(ids.length > 0 && { ids }),
    ...(options.source !== undefined && { source: options.source }),
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  const { replayed, refused } = await openClient(deps.config).call('replayDeadLetters', { body });
  const { green, red } = terminal.outStyle;
  if (replayed > 0) terminal.out(`  ${green('✓')} ${number(replayed)} taken\n`);
  for (const { id, reason, sample } of refused)
    terminal.out(`  ${red('✕')} ${plain(id)} refused again: ${plain(reason)}: ${cut(plain(sample), 100)}\n`);
  if (replayed === 0 && refused.length === 0) terminal.out('  No dead letter fits.\n');
  return refused.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** `wheelhouse ingest forget` */
export async function forgetLetter(id: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeDeadLetter', { params: { letterId: id } });
  terminal.out(removed ? `  ${terminal.outStyle.green('✓')} ${plain(id)} is gone.\n` : `  There is no ${plain(id)}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}
