import { type Role, roles } from '@wheelhouse/core/records';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type KeyOptions = { role?: string; team?: string; days?: number };
export type ListOptions = { json?: boolean };
export type InviteOptions = { role: string; days: number };

const day = (iso: string | null, without: string) => iso?.slice(0, 10) ?? without;

function roleOf(text: string): Role {
  const found = roles.find((role) => role === text);
  if (found === undefined) throw new UsageError(`There is no role \`${text}\`.`, `It is one of ${roles.join(', ')}.`);
  return found;
}

function print(head: string[], rows: string[][], { out, outStyle }: Terminal): void {
  const dimmed = head.map((text): CellText => ({ text, paint: outStyle.dim }));
  const lines = renderTable(
    [dimmed, ...rows],
    head.map(() => 'left' as const),
  );
  out(`${lines.join('\n')}\n`);
}

/** `wheelhouse key create`: the secret alone goes to stdout, so that it can be piped. */
export async function createKey(name: string, options: KeyOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const { data: teams } = options.team === undefined ? { data: [] } : await client.call('listTeams', {});
  const team = teams.find((one) => one.name === options.team || one.id === options.team);
  if (options.team !== undefined && team === undefined)
    throw new UsageError(
      `There is no team \`${options.team}\`.`,
      `There are: ${teams.map((one) => one.name).join(', ')}`,
    );
  const key = await client.call('createKey', {
    body: {
      name,
      role: options.role === undefined ? null : roleOf(options.role),
      team: team?.id ?? null,
      days: options.days ?? null,
    },
  });
  terminal.out(`${key.secret}\n`);
  terminal.err(`  ${key.id}: it is shown this once; keep it where your program finds it.\n`);
  return exitCodes.done;
}

/** `wheelhouse key ls` */
export async function listKeys({ json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listKeys', {});
  if (json) terminal.out(`${JSON.stringify(data)}\n`);
  else if (data.length === 0) terminal.out('  There is no key: wheelhouse key create <name>\n');
  else
    print(
      ['NAME', 'KEY', 'ROLE', 'STATE', 'LAST USED', 'CREATED', 'BY', 'ID'],
      data.map((key) => [
        plain(key.name),
        `wh_…${key.last4}`,
        key.role ?? 'calls and traces',
        key.revokedAt !== null ? 'revoked' : `until ${day(key.expiresAt, 'revoked')}`,
        day(key.lastUsedAt, 'never'),
        day(key.createdAt, ''),
        plain(key.createdBy),
        key.id,
      ]),
      terminal,
    );
  return exitCodes.done;
}

/** `wheelhouse key rm` */
export async function revokeKey(keyId: string, { config, terminal }: Deps): Promise<ExitCode> {
  const key = await openClient(config).call('revokeKey', { params: { keyId } });
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(key.name)} (…${key.last4}) is revoked\n`);
  return exitCodes.done;
}

/** `wheelhouse person invite` */
export async function invite(email: string, options: InviteOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const body = { email, role: roleOf(options.role), days: options.days };
  const { path, role, expiresAt } = await openClient(config).call('invitePerson', { body });
  terminal.out(`${config.url}${path}\n`);
  terminal.err(`  For ${plain(email)}, as ${role}, until ${day(expiresAt, '')}; it is shown this once.\n`);
  return exitCodes.done;
}

/** `wheelhouse person ls` */
export async function listPeople({ json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listPeople', {});
  if (json) terminal.out(`${JSON.stringify(data)}\n`);
  else if (data.length === 0) terminal.out('  There is nobody: wheelhouse person invite <address>\n');
  else
    print(
      ['ADDRESS', 'NAME', 'ROLE', 'SINCE', 'ID'],
      data.map((one) => [plain(one.email), plain(one.name), one.role, day(one.since, ''), one.id]),
      terminal,
    );
  return exitCodes.done;
}

/** `wheelhouse project create` */
export async function createProject(
  id: string,
  { name }: { name?: string },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const body = { id, ...(name !== undefined && { name }) };
  const project = await openClient(config).call('createProject', { body });
  terminal.out(`  ${terminal.outStyle.green('✓')} ${project.id}: act in it with WHEELHOUSE_PROJECT=${project.id}\n`);
  return exitCodes.done;
}

/** `wheelhouse project ls` */
export async function listProjects({ json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listProjects', {});
  if (json) terminal.out(`${JSON.stringify(data)}\n`);
  else
    print(
      ['ID', 'NAME', 'ROLE', 'CREATED'],
      data.map((one) => [one.id, plain(one.name), one.role ?? 'calls and traces', day(one.createdAt, '')]),
      terminal,
    );
  return exitCodes.done;
}
