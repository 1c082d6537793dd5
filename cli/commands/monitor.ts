import { formatUsd } from '@wheelhouse/core/records';
import type { MonitorBody, RequestBody, ResponseBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { type MonitorOptions, monitorOf } from '../parse-monitor.ts';
import { readFilter } from '../read-filter.ts';
import { readSecret } from '../read-secret.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const printJson = (terminal: Terminal, value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
const timeText = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const groupStates = { ok: '✓ ok', alert: '✕ alert', no_data: '– no data' } as const;

function stateText({ look, silencedUntil }: MonitorBody, { outStyle }: Terminal): string {
  const words = { waiting: 'waiting', ok: '✓ ok', alert: outStyle.red('✕ alert'), no_data: '– no data' };
  const isSilent = silencedUntil !== null && Date.parse(silencedUntil) > Date.now();
  return `${words[look.status]}${isSilent ? `, silent until ${timeText(silencedUntil)}` : ''}`;
}

export async function listMonitors({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listMonitors', {});
  if (json) printJson(terminal, data);
  else if (data.length === 0)
    terminal.err('  No monitors yet: wheelhouse monitor new <name> --of error_rate --above 5%\n');
  else {
    const rows = data.map((monitor) => [monitor.name, stateText(monitor, terminal), monitor.look.sentence]);
    terminal.out(`${renderTable([['name', 'state', 'last look'], ...rows], ['left', 'left', 'left']).join('\n')}\n`);
  }
  return exitCodes.done;
}

export async function newMonitor(
  name: string,
  words: string[],
  { try: tries, estimate: estimates, ...options }: MonitorOptions & { try?: boolean; estimate?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const body = monitorOf(readFilter(words), options);
  const asksModels = options.probe !== undefined || options.embed !== undefined || estimates;
  if (asksModels) showEstimate(await client.call('estimateMonitor', { body }), terminal);
  if (estimates) return exitCodes.done;
  if (tries) {
    showTest(await client.call('testMonitor', { body }), terminal);
    return exitCodes.done;
  }
  const monitor = await client.call('setMonitor', { params: { monitor: name }, body });
  terminal.out(`  ${monitor.name} is watched\n`);
  if (monitor.channels.length === 0)
    terminal.err(
      '  It tells nobody: set up a channel with `wheelhouse monitor channel set`, and name it with --tell.\n',
    );
  return exitCodes.done;
}

const usd = (nano: string | null) => formatUsd(nano === null ? null : BigInt(nano));

function showEstimate(
  { calls, looksPerDay, lookNanoUsd, monthNanoUsd }: ResponseBody<'estimateMonitor'>,
  { out }: Terminal,
): void {
  if (calls === 0) {
    out('  It asks no model, and costs nothing.\n');
    return;
  }
  const often = looksPerDay === 1 ? 'once a day' : `${Number(looksPerDay.toPrecision(3))} times a day`;
  const costs =
    lookNanoUsd === null
      ? 'what that costs is not known: its price is not set'
      : `about ${usd(lookNanoUsd)} each, ${usd(monthNanoUsd)} a month`;
  out(`  It asks for ${calls} ${calls === 1 ? 'call' : 'calls'} ${often}: ${costs}.\n`);
}

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
const shownParts = 4;

function showTest(
  { found, sentence, q, drift, groups }: ResponseBody<'testMonitor'>,
  { out, outStyle }: Terminal,
): void {
  const mark = { bad: outStyle.red('✕'), good: '✓', nothing: '–' }[found];
  out(`  ${mark} ${sentence}\n`);
  for (const { sentence: said, parts } of drift.filter((one) => one.drifted)) {
    out(`    ${said}\n`);
    const rows = parts
      .slice(0, shownParts)
      .map(({ name, before, now }) => [`      ${name}`, percent(before), '→', percent(now)]);
    if (rows.length > 0) out(`${renderTable(rows, ['left', 'right', 'left', 'right']).join('\n')}\n`);
  }
  const marks = { bad: outStyle.red('✕'), good: '✓', nothing: '–' };
  for (const group of groups) out(`    ${marks[group.found]} ${group.name ?? 'none'}: ${group.sentence}\n`);
  out(`  the traces: ${q}\n`);
}

export async function showMonitor(name: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const monitor = await client.call('getMonitor', { params: { monitor: name } });
  const { data: alerts } = await client.call('listAlerts', { query: { monitor: name, limit: 10 } });
  if (json) {
    printJson(terminal, { monitor, alerts });
    return exitCodes.done;
  }
  const { q, look, channels } = monitor;
  terminal.out(`  ${terminal.outStyle.bold(name)}  ${stateText(monitor, terminal)} since ${timeText(look.since)}\n`);
  terminal.out(`  ${look.sentence}\n`);
  if (look.problem !== null) terminal.err(`  The last look failed: ${look.problem}\n`);
  terminal.out(
    `  watches ${q === '' ? 'all traces' : q}, tells ${channels.length === 0 ? 'nobody' : channels.join(', ')}\n`,
  );
  if (monitor.groups.length > 0) {
    const rows = monitor.groups.map(({ name: group, status, rows: traces, sentence }) => [
      ...[group ?? 'none', groupStates[status], String(traces), sentence],
    ]);
    const table = renderTable(
      [[monitor.by ?? '', 'state', 'traces', 'last look'], ...rows],
      ['left', 'left', 'right', 'left'],
    );
    terminal.out(`\n${table.join('\n')}\n`);
  }
  if (alerts.length > 0) {
    const rows = alerts.map(({ openedAt, closedAt, sentence, q: behind }) => [
      ...[timeText(openedAt), closedAt === null ? 'open' : timeText(closedAt), sentence, behind],
    ]);
    const table = renderTable([['from', 'until', '', 'traces'], ...rows], ['left', 'left', 'left', 'left']);
    terminal.out(`\n${table.join('\n')}\n`);
  }
  return exitCodes.done;
}

/** Looks now: nothing is kept, and nobody is told. */
export async function testMonitor(name: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const monitor = await client.call('getMonitor', { params: { monitor: name } });
  const { q, measure, by, windowMinutes, rule, leastRows } = monitor;
  const window = windowMinutes as NonNullable<RequestBody<'testMonitor'>['windowMinutes']>;
  const tested = await client.call('testMonitor', { body: { q, measure, by, windowMinutes: window, rule, leastRows } });
  if (json) printJson(terminal, tested);
  else showTest(tested, terminal);
  return exitCodes.done;
}

export async function silenceMonitor(
  name: string,
  { minutes }: { minutes: number },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const monitor = await openClient(config).call('silenceMonitor', { params: { monitor: name }, body: { minutes } });
  const { silencedUntil } = monitor;
  terminal.out(
    `  ${name} ${silencedUntil === null ? 'tells again' : `tells nobody until ${timeText(silencedUntil)}`}\n`,
  );
  return exitCodes.done;
}

export async function removeMonitor(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeMonitor', { params: { monitor: name } });
  terminal.out(removed ? `  ${name} is watched no more\n` : `  There is no monitor ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}

export async function listChannels({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listChannels', {});
  if (json) printJson(terminal, data);
  else if (data.length === 0)
    terminal.err('  No channels yet: wheelhouse monitor channel set <name> --kind slack --url …\n');
  else {
    const rows = data.map(({ name, kind, host, waiting, failed, lastError }) => [
      ...[name, kind, host, String(waiting), String(failed), lastError ?? ''],
    ]);
    const head = ['name', 'kind', 'goes to', 'waiting', 'failed', 'last error'];
    terminal.out(`${renderTable([head, ...rows], ['left', 'left', 'left', 'right', 'right', 'left']).join('\n')}\n`);
  }
  return exitCodes.done;
}

const kinds = ['webhook', 'slack', 'teams', 'pagerduty', 'email'] as const;
export type ChannelOptions = { kind: string; url?: string; secret?: boolean; to: string[] };

async function keepChannel(name: string, body: RequestBody<'setChannel'>, { config, terminal }: Deps): Promise<void> {
  const channel = await openClient(config).call('setChannel', { params: { channel: name }, body });
  terminal.out(`  ${name} goes to ${channel.host}\n`);
}

/** What is secret is asked for: of PagerDuty the key, of Slack and Teams the address, which is all that one needs to post. */
export async function setChannel(name: string, options: ChannelOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const kind = kinds.find((one) => one === options.kind);
  if (kind === undefined)
    throw new UsageError(`\`${options.kind}\` is no kind of channel.`, `Say ${kinds.join(', ')}.`);
  if (kind === 'email') {
    if (options.to.length === 0) throw new UsageError('E-mail goes to somebody.', 'Say --to somebody@example.com.');
    await keepChannel(name, { kind, to: options.to }, { config, terminal });
    return exitCodes.done;
  }
  const asksKey = kind === 'pagerduty' || options.secret === true;
  if (asksKey && kind !== 'pagerduty' && options.url === undefined)
    throw new UsageError('The address and the secret cannot both be asked for.', 'Give the address with --url.');
  const secret = asksKey ? await readSecret(`  Secret of ${name}: `, terminal) : undefined;
  const url = options.url ?? (asksKey ? undefined : await readSecret(`  Address of ${name}: `, terminal));
  const body = { kind, ...(url === undefined ? {} : { url }), ...(secret === undefined ? {} : { secret }) };
  await keepChannel(name, body, { config, terminal });
  return exitCodes.done;
}

export async function testChannel(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { delivered, status, error } = await openClient(config).call('testChannel', { params: { channel: name } });
  if (delivered) terminal.out(`  ✓ it arrived${status === null ? '' : ` (${status})`}\n`);
  if (error !== null) terminal.err(`  ${terminal.errStyle.red('✕')} ${error}\n`);
  return error === null ? exitCodes.done : exitCodes.failed;
}

export async function removeChannel(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeChannel', { params: { channel: name } });
  terminal.out(removed ? `  ${name} is gone\n` : `  There is no channel ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}
