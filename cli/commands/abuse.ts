import type { AbusePolicyBody, AbuseUserBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };
export type ListOptions = Json & { state: 'listed' | 'acted' | 'allowed' | 'all' };
type Action = RequestBody<'actOnAbuseUser'>;
export type PolicyChange = RequestBody<'setAbusePolicy'>;
type Kind = keyof AbusePolicyBody['policy']['highest'];

const listed = 50;
const callsShown = 10;
const eventsShown = 10;
const timeText = (iso: string | null) => (iso === null ? '' : `${iso.slice(0, 16).replace('T', ' ')} UTC`);
const rungWords = { log: 'listed', throttle: 'throttled', challenge: 'challenged', block: 'blocked' } as const;

/** Two digits are all that such a number is good for. */
export function oneInText(oneIn: number): string {
  if (oneIn < 1.5) return 'most';
  if (oneIn > 1e9) return '1 in a billion or more';
  const whole = Math.round(oneIn);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(whole)) - 1);
  return `1 in ${(Math.round(whole / unit) * unit).toLocaleString('en-US')}`;
}

function stateText({ rung, isAllowed, isCarriedOut }: AbuseUserBody, { outStyle }: Terminal): string {
  if (isAllowed) return outStyle.green('✓ allowed');
  if (rung === null) return '';
  if (rung === 'log') return outStyle.yellow('● listed');
  return isCarriedOut ? outStyle.red(`■ ${rungWords[rung]}`) : `${rungWords[rung]}, not carried out`;
}

const table = (heads: string[], rows: string[][]) =>
  `${renderTable(
    [heads, ...rows],
    heads.map(() => 'left'),
  ).join('\n')}\n`;

export async function listUsers({ state, json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const query = { limit: listed, ...(state === 'all' ? {} : { state }) };
  const [{ data, next }, { policy }] = await Promise.all([
    client.call('listAbuseUsers', { query }),
    client.call('getAbusePolicy', {}),
  ]);
  if (json) terminal.out(`${JSON.stringify(data, null, 2)}\n`);
  else if (data.length === 0) {
    terminal.err('  No users.\n');
    if (policy.mode === 'off') terminal.err('  Nothing is looked for: wheelhouse abuse policy --mode log\n');
  } else {
    const rows = data.map((user) => [
      ...[user.user, stateText(user, terminal), timeText(user.until), oneInText(user.oneIn)],
      ...[Object.keys(user.kinds).join(', '), timeText(user.lastSeen)],
    ]);
    terminal.out(table(['user', 'state', 'until', 'honest users', 'looks like', 'last seen'], rows));
    if (next !== null) terminal.err(`  These are the ${listed} that were seen last.\n`);
  }
  return exitCodes.done;
}

function say(user: AbuseUserBody, terminal: Terminal): void {
  const { out, outStyle } = terminal;
  const until =
    user.rung === null ? '' : user.until === null ? ' until it is undone' : ` until ${timeText(user.until)}`;
  const state = stateText(user, terminal);
  out(`  ${outStyle.bold(user.user)}  ${state === '' ? 'nothing is in force' : `${state}${until}`}\n`);
}

export async function showUser(user: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const found = await openClient(config).call('getAbuseUser', { params: { user } });
  if (json) {
    terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    return exitCodes.done;
  }
  say(found, terminal);
  const kinds = Object.entries(found.kinds).map(([kind, oneIn]) => `${kind} ${oneInText(oneIn)}`);
  terminal.out(`  honest users who show this much in a month: ${oneInText(found.oneIn)}`);
  terminal.out(kinds.length === 0 ? '\n' : ` (${kinds.join(', ')})\n`);
  const events = found.events.slice(0, eventsShown);
  if (events.length > 0)
    terminal.out(
      `\n${table(
        ['at', 'by', '', ''],
        events.map(({ at, by, kind, text }) => [timeText(at), by, kind, text]),
      )}`,
    );
  const calls = found.calls.filter(({ speaks }) => Object.keys(speaks).length > 0).slice(0, callsShown);
  if (calls.length > 0) {
    const rows = calls.map(({ traceId, at, speaks, found: by, oneIn, counts }) => [
      ...[traceId, timeText(at), Object.keys(speaks).join(', '), by, counts ? oneInText(oneIn) : 'counts no more'],
    ]);
    terminal.out(`\n${table(['trace', 'at', 'speaks of', 'by', 'honest users so far'], rows)}`);
  }
  terminal.err(`  ${config.url}/abuse/${encodeURIComponent(user)}\n`);
  return exitCodes.done;
}

export async function actOn(user: string, body: Action, { config, terminal }: Deps): Promise<ExitCode> {
  say(await openClient(config).call('actOnAbuseUser', { params: { user }, body }), terminal);
  return exitCodes.done;
}

export async function passChallenge(user: string, challenge: string, { config, terminal }: Deps): Promise<ExitCode> {
  say(await openClient(config).call('passAbuseChallenge', { params: { user }, body: { challenge } }), terminal);
  return exitCodes.done;
}

const modeWords = {
  off: 'off: nothing is looked for',
  log: 'log: who would be acted upon is listed, and nothing is done',
  act: 'act: the gateway carries it out',
} as const;

function sayPolicy({ policy, rates, watched }: AbusePolicyBody, { out }: Terminal): void {
  const { log, throttle, challenge, block, highest } = policy;
  out(`  ${modeWords[policy.mode]}\n\n`);
  const hours = (minutes: number) => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`);
  const rows = [
    ['log', oneInText(log.oneIn), '', ''],
    ['throttle', oneInText(throttle.oneIn), hours(throttle.holdMinutes), `${throttle.callsPerMinute} calls a minute`],
    ['challenge', oneInText(challenge.oneIn), hours(challenge.holdMinutes), challenge.url ?? 'no address'],
    ['block', oneInText(block.oneIn), hours(block.holdMinutes), ''],
  ];
  out(table(['rung', 'honest users a month', 'holds for', ''], rows));
  const chance = (kind: Kind) => `${((rates?.chance[kind] ?? 0) * 100).toFixed(1)} %`;
  const kinds = (Object.keys(highest) as Kind[]).map((kind) => [
    ...[kind, highest[kind] ?? 'not looked for', rates === null ? 'not learned yet' : chance(kind)],
  ]);
  out(`\n${table(['kind', 'leads to', 'usual in calls'], kinds)}`);
  if (policy.exemptUsers.length > 0) out(`  exempt users: ${policy.exemptUsers.join(', ')}\n`);
  if (policy.exemptKeys.length > 0) out(`  exempt keys: ${policy.exemptKeys.join(', ')}\n`);
  out(`  looked at in 7 days: ${watched.calls} calls of ${watched.users} users\n`);
}

export async function policyOf(change: PolicyChange, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const body = change;
  const policy =
    Object.keys(body).length === 0
      ? await client.call('getAbusePolicy', {})
      : await client.call('setAbusePolicy', { body });
  if (json) terminal.out(`${JSON.stringify(policy, null, 2)}\n`);
  else sayPolicy(policy, terminal);
  return exitCodes.done;
}

export async function tryOut(change: PolicyChange, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const trial = await openClient(config).call('tryAbusePolicy', { body: change });
  if (json) {
    terminal.out(`${JSON.stringify(trial, null, 2)}\n`);
    return exitCodes.done;
  }
  const { actions, calls, users } = trial;
  if (actions.length > 0) {
    const rows = actions.map(({ user, rung, at, text }) => [user, rungWords[rung], timeText(at), text]);
    terminal.out(table(['user', 'would have been', 'from', 'because of'], rows));
  }
  terminal.err(`  ${actions.length} of ${users} users, by ${calls} calls of the last 7 days. Nothing was done.\n`);
  return exitCodes.done;
}
