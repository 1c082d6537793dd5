import { formatUsd } from '@wheelhouse/core/records';
import type { Client, RepricingBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { reportEnd, watchTask } from '../output/watch-task.ts';

type Deps = { config: Config; terminal: Terminal };
export type RepriceOptions = {
  from?: string;
  until?: string;
  provider?: string;
  model?: string;
  yes?: boolean;
  cancel?: string;
};

const count = (number: number, one: string) => `${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`;
const signed = (nano: bigint) => `${nano > 0n ? '+' : ''}${formatUsd(nano)}`;

/** What is known before the job: exact counts, and the change over a sample. */
async function estimate(client: Client, body: Period): Promise<string> {
  const found = await client.call('estimateRepricing', { body });
  if (found.calls === 0) return '  No call with usage fits.\n';
  const change = BigInt(found.sampleAfterNanoUsd) - BigInt(found.sampleBeforeNanoUsd);
  const now = formatUsd(found.beforeNanoUsd === null ? null : BigInt(found.beforeNanoUsd));
  const lines = [
    `${count(found.calls, 'call')}, ${now} now; ${found.unpriced.toLocaleString('en')} without a price`,
    `of ${count(found.sampled, 'call')} looked at, ${found.sampleChanged.toLocaleString('en')} would change: ${signed(change)}`,
  ];
  return `${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

type Period = { from: string; until: string; provider?: string; model?: string };

function sentence(repricing: RepricingBody): string {
  const change = BigInt(repricing.afterNanoUsd) - BigInt(repricing.beforeNanoUsd);
  const figures = `${formatUsd(BigInt(repricing.beforeNanoUsd))} → ${formatUsd(BigInt(repricing.afterNanoUsd))} (${signed(change)})`;
  const unpriced = repricing.unpriced === 0 ? '' : `; ${count(repricing.unpriced, 'call')} still without a price`;
  return `${count(repricing.changed, 'call')} of ${repricing.done.toLocaleString('en')} changed: ${figures}${unpriced}`;
}

/** `wheelhouse prices reprice`: says what it would change; with --yes it does it and shows how far it is. */
export async function reprice(options: RepriceOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  if (options.cancel !== undefined) {
    const cancelled = await client.call('cancelRepricing', { params: { repricingId: options.cancel } });
    terminal.out(`  ${cancelled.id} is ${cancelled.status}: ${sentence(cancelled)}\n`);
    return exitCodes.done;
  }
  if (options.from === undefined)
    throw new UsageError('There is no period.', 'Name its begin: wheelhouse prices reprice --from 2026-03-01');
  const body: Period = {
    from: options.from,
    until: options.until ?? new Date().toISOString(),
    ...(options.provider !== undefined && { provider: options.provider }),
    ...(options.model !== undefined && { model: options.model }),
  };
  terminal.out(await estimate(client, body));
  if (!options.yes) {
    terminal.err('  Nothing is changed yet; the same with --yes does it. Old figures stay readable.\n');
    return exitCodes.done;
  }
  return watchTask({
    terminal,
    start: () => client.call('createRepricing', { body }),
    read: (repricingId, signal) => client.call('getRepricing', { params: { repricingId }, signal }),
    progress: ({ done, changed }) => ({ done, note: `${changed} changed` }),
    cancelWith: 'wheelhouse prices reprice --cancel',
    ended: (repricing) => reportEnd(terminal, repricing, sentence(repricing)),
  });
}
