import type { ConfigReport } from '@wheelhouse/server/main';
import type { Config } from '../config.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type ConfigCheckOptions = { json?: boolean };

function keysOf({ keys, callable, keyVariable }: ConfigReport['providers'][number], style: Style): CellText | string {
  if (keys > 0) return keys === 1 ? '1 key' : `${keys} keys`;
  return callable ? { text: 'none needed', paint: style.dim } : { text: `${keyVariable} not set`, paint: style.yellow };
}

function routeLines(
  { name, strategy, targets }: ConfigReport['routes'][number],
  style: Style,
): (string | CellText)[][] {
  return targets.map(({ ref, weight, priority, callable }, index) => [
    index === 0 ? plain(name) : '',
    index === 0 ? strategy : '',
    plain(ref),
    strategy === 'priority' ? '' : String(weight),
    priority === 0 ? '' : String(priority),
    callable ? '' : { text: 'no key', paint: style.yellow },
  ]);
}

const heads = (style: Style, ...texts: string[]) => texts.map((text) => ({ text, paint: style.dim }));

/** What the configuration says: where it listens, who can be called, where the calls of each route go. */
export function configReport(report: ConfigReport, style: Style): string {
  const { file, listens, providers, routes, defaultProvider } = report;
  const lines = [
    `  ${style.green('✓')} ${file === null ? 'no config file; the environment and defaults hold' : plain(file)}`,
    `    listens on ${listens}, keeps its data in ${plain(report.dir)}`,
    `    models without a provider go to ${defaultProvider ?? 'nobody'}`,
    '',
    ...renderTable(
      [
        heads(style, 'PROVIDER', 'ADDRESS', 'KEYS'),
        ...providers.map((provider) => [plain(provider.name), plain(provider.baseUrl), keysOf(provider, style)]),
      ],
      ['left', 'left', 'left'],
    ),
  ];
  if (routes.length > 0)
    lines.push(
      '',
      ...renderTable(
        [
          heads(style, 'ROUTE', 'STRATEGY', 'TARGET', 'WEIGHT', 'PRIORITY', ''),
          ...routes.flatMap((route) => routeLines(route, style)),
        ],
        ['left', 'left', 'left', 'right', 'right', 'left'],
      ),
    );
  return `${lines.join('\n')}\n`;
}

/** `wheelhouse config check`: reads the configuration of this folder and starts nothing. */
export async function checkConfiguration(options: ConfigCheckOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { checkConfig } = await import('@wheelhouse/server/main');
  const report = await checkConfig({ cwd: config.cwd, env: config.env, flags: {} });
  terminal.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : configReport(report, terminal.outStyle));
  return exitCodes.done;
}
