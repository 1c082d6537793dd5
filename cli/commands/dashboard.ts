import { readFile, writeFile } from 'node:fs/promises';
import type { DashboardBody, PanelBody, PanelDataBody, RequestBody } from '@wheelhouse/sdk';
import { WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { panelLines } from '../output/dashboard-report.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { readFilter } from '../read-filter.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const timeText = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const said = ({ name, title, panels }: DashboardBody) => ({ name, title, panels });

export async function listDashboards({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listDashboards', {});
  if (json) terminal.out(`${JSON.stringify(data, null, 2)}\n`);
  else if (data.length === 0) terminal.err('  No dashboards yet: wheelhouse dashboard apply <file>, or /dashboards.\n');
  else {
    const rows = data.map(({ name, title, panels, changedAt, changedBy }) => [
      ...[name, plain(title), String(panels.length), timeText(changedAt), plain(changedBy)],
    ]);
    const table = renderTable(
      [['name', 'title', 'panels', 'changed', 'by'], ...rows],
      [...(['left', 'left', 'right', 'left', 'left'] as const)],
    );
    terminal.out(`${table.join('\n')}\n`);
  }
  return exitCodes.done;
}

type Read = { panel: PanelBody; data: PanelDataBody | null; error: WheelhouseApiError | null };

/** Numbers in the terminal: every panel at the same moment, each by itself. */
export async function showDashboard(
  name: string,
  words: string[],
  { last, json }: Json & { last: string },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const filter = readFilter(words);
  const q = /\b(?:last|since|until):/.test(filter) ? filter : `${filter} last:${last}`.trim();
  readFilter([q]);
  const dashboard = await client.call('getDashboard', { params: { dashboard: name } });
  const at = new Date().toISOString();
  const read = async (panel: PanelBody): Promise<Read> => {
    if (panel.kind === 'text') return { panel, data: null, error: null };
    const { id: _, title: __, width: ___, height: ____, ...shown } = panel;
    try {
      return { panel, data: await client.call('readPanel', { body: { panel: shown, q, at } }), error: null };
    } catch (error) {
      if (error instanceof WheelhouseApiError) return { panel, data: null, error };
      throw error;
    }
  };
  const panels = await Promise.all(dashboard.panels.map(read));
  if (json) {
    const shown = panels.map(({ panel, data, error }) => ({ ...panel, data, error: error?.message ?? null }));
    terminal.out(`${JSON.stringify({ name, title: dashboard.title, q, at, panels: shown }, null, 2)}\n`);
  } else {
    terminal.out(`  ${terminal.outStyle.bold(plain(dashboard.title))}  ${q}\n`);
    for (const { panel, data, error } of panels) {
      terminal.out(`\n${panelLines(panel, data, terminal).join('\n')}\n`);
      if (error)
        terminal.err(`  ${terminal.errStyle.red('✕')} ${error.message}${error.hint ? ` ${error.hint}` : ''}\n`);
    }
  }
  return panels.some(({ error }) => error !== null) ? exitCodes.failed : exitCodes.done;
}

export async function exportDashboard(
  name: string,
  { output }: { output?: string },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const dashboard = await openClient(config).call('getDashboard', { params: { dashboard: name } });
  const text = `${JSON.stringify(said(dashboard), null, 2)}\n`;
  if (output === undefined) terminal.out(text);
  else {
    await writeFile(output, text);
    terminal.err(`  ${name} is in ${output}\n`);
  }
  return exitCodes.done;
}

function readDefinition(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new UsageError(`${file} is no JSON of a dashboard.`, '`wheelhouse dashboard export <name>` gives one.');
}

/** Makes the dashboards of files, or replaces those of their names; the server says what is wrong with one. */
export async function applyDashboards(
  files: string[],
  { name }: { name?: string },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  if (name !== undefined && files.length > 1) throw new UsageError('One name is of one file.', 'Leave --name out.');
  const client = openClient(config);
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new UsageError(`${file} cannot be read: ${error.message}`, 'Name a file of JSON.');
    });
    const { name: own, ...body } = readDefinition(text, file);
    const dashboard = name ?? own;
    if (typeof dashboard !== 'string') throw new UsageError(`${file} says no name.`, 'Say one with --name.');
    const made = await client.call('setDashboard', {
      params: { dashboard },
      body: body as RequestBody<'setDashboard'>,
    });
    terminal.out(`  ${made.name} has ${made.panels.length} panels, revision ${made.revision}\n`);
    terminal.err(`  → ${config.url}/dashboards/${made.name}\n`);
  }
  return exitCodes.done;
}

export async function removeDashboard(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeDashboard', { params: { dashboard: name } });
  terminal.out(removed ? `  ${name} is gone\n` : `  There is no dashboard ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}
