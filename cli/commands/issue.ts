import type { IssueBody, IssueDetailBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
export type ListOptions = { state: IssueBody['state'] | 'open' | 'all'; model?: string; json?: boolean };
export type ChangeOptions = RequestBody<'changeIssue'>;

const listed = 50;
const tracesShown = 5;
const timeText = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

function stateText({ state, isBlocker }: IssueBody, { outStyle }: Terminal): string {
  const text =
    state === 'regressed'
      ? outStyle.red('↩ regressed')
      : { new: '● new', known: 'known', resolved: '✓ resolved' }[state];
  return isBlocker ? `${text}, holds releases` : text;
}

export async function listIssues({ state, model, json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const query = { limit: listed, ...(state === 'all' ? {} : { state }), ...(model === undefined ? {} : { model }) };
  const { data, next } = await openClient(config).call('listIssues', { query });
  if (json) terminal.out(`${JSON.stringify(data, null, 2)}\n`);
  else if (data.length === 0) terminal.err('  No issues: nothing fails in a way that nobody looked after.\n');
  else {
    const rows = data.map((issue) => [
      ...[issue.id, stateText(issue, terminal), String(issue.traces), String(issue.users)],
      ...[timeText(issue.lastSeen), issue.title],
    ]);
    const heads = ['issue', 'state', 'traces', 'users', 'last seen', ''];
    const table = renderTable([heads, ...rows], ['left', 'left', 'right', 'right', 'left', 'left']);
    terminal.out(`${table.join('\n')}\n`);
    if (next !== null) terminal.err(`  These are the ${listed} that were seen last.\n`);
  }
  return exitCodes.done;
}

function say(issue: IssueDetailBody, terminal: Terminal): void {
  const { out, outStyle } = terminal;
  out(`  ${outStyle.bold(issue.title)}\n`);
  out(`  ${stateText(issue, terminal)}, ${plural(issue.traces, 'trace')}, ${plural(issue.users, 'user')}, `);
  out(`since ${timeText(issue.firstSeen)}, last ${timeText(issue.lastSeen)}\n`);
  const versions = issue.resolution?.versions;
  if (versions) {
    const later = Object.entries(versions).map(([model, number]) => `${model} after version ${number}`);
    out(`  comes back with ${later.join(', ')}\n`);
  }
  out(`  ${issue.assignee === null ? 'nobody’s' : `of ${issue.assignee}`}\n`);
}

export async function showIssue(
  id: string,
  { json }: { json?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const issue = await client.call('getIssue', { params: { issueId: id } });
  const { data: traces } = await client.call('listIssueTraces', {
    ...{ params: { issueId: issue.id }, query: { limit: tracesShown } },
  });
  if (json) {
    terminal.out(`${JSON.stringify({ issue, traces }, null, 2)}\n`);
    return exitCodes.done;
  }
  say(issue, terminal);
  const table = (heads: string[], rows: string[][]) => {
    if (rows.length > 0)
      terminal.out(
        `\n${renderTable(
          [heads, ...rows],
          heads.map(() => 'left'),
        ).join('\n')}\n`,
      );
  };
  table(
    ['group', 'signal', 'what', 'step', 'model', ''],
    issue.groups.map(({ id: group, signal, what, step, model, text }) => [group, signal, what, step, model, text]),
  );
  table(
    ['trace', 'at', 'user', 'model'],
    traces.map(({ traceId, at, user, model }) => [traceId, timeText(at), user ?? '', model ?? '']),
  );
  table(
    ['', 'by', '', ''],
    issue.events.map(({ at, by, kind, text }) => [timeText(at), by, kind, text]),
  );
  return exitCodes.done;
}

export async function changeIssue(id: string, body: ChangeOptions, { config, terminal }: Deps): Promise<ExitCode> {
  say(await openClient(config).call('changeIssue', { params: { issueId: id }, body }), terminal);
  return exitCodes.done;
}

export async function mergeIssue(id: string, into: string, { config, terminal }: Deps): Promise<ExitCode> {
  say(await openClient(config).call('mergeIssue', { params: { issueId: id }, body: { into } }), terminal);
  return exitCodes.done;
}

export async function splitIssue(id: string, group: string, { config, terminal }: Deps): Promise<ExitCode> {
  const issue = await openClient(config).call('splitIssue', { params: { issueId: id }, body: { group } });
  terminal.out(`  ${issue.id}\n`);
  say(issue, terminal);
  return exitCodes.done;
}
