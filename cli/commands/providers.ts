import type { ProviderBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { readSecret } from '../read-secret.ts';

type Deps = { config: Config; terminal: Terminal };
export type ListOptions = { all?: boolean; json?: boolean };
export type AddOptions = { vendor?: string; baseUrl?: string; set: string[] };
export type AddKeyOptions = { label?: string };

type Key = ProviderBody['keys'][number];

/** `groq#1 …wxyz` */
const keyText = ({ id, label, last4, from, state }: Key): string => {
  const end = last4 === '' ? '' : ` …${last4}`;
  const name = from === 'project' && label !== '' ? ` ${label}` : '';
  return plain(`${id}${end}${name}${state === 'ready' ? '' : ' (unreadable)'}`);
};

function keyCell(provider: ProviderBody, { green, yellow, dim }: Style): CellText {
  const { keys, keyNeeded, keyVariable } = provider;
  if (keys.length > 0)
    return {
      text: keys.map(keyText).join(', '),
      paint: keys.every(({ state }) => state === 'ready') ? green : yellow,
    };
  if (!keyNeeded) return { text: 'needs none', paint: dim };
  return { text: keyVariable === null ? 'no key' : `no key: set ${plain(keyVariable)}`, paint: yellow };
}

/** The table of `wheelhouse provider ls`. */
export function providerReport(providers: ProviderBody[], style: Style): string {
  const { dim } = style;
  const head = ['PROVIDER', 'VENDOR', 'ADDRESS', 'SET UP BY', 'KEYS'].map((text) => ({ text, paint: dim }));
  const rows = providers.map((provider) => [
    plain(provider.name),
    { text: plain(provider.title), paint: dim },
    { text: plain(provider.baseUrl ?? 'in this server'), paint: dim },
    { text: provider.from, paint: dim },
    keyCell(provider, style),
  ]);
  return `${renderTable([head, ...rows], ['left', 'left', 'left', 'left', 'left']).join('\n')}\n`;
}

/** `wheelhouse provider ls` */
export async function listProviders({ all, json }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listProviders', {});
  const shown = data.filter(({ chosen }) => all || chosen);
  terminal.out(json ? `${JSON.stringify(shown)}\n` : providerReport(shown, terminal.outStyle));
  const more = data.length - shown.length;
  if (more > 0 && !json) terminal.err(`  ${more} more vendors need only a key: wheelhouse provider ls --all\n`);
  return exitCodes.done;
}

/** `--set region=eu-west-1` */
function settingsOf(pairs: string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--set "${pair}" is not right.`, 'Write it as name=value: --set region=eu-west-1');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

/** `wheelhouse provider add` */
export async function addProvider(name: string, options: AddOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { vendor, baseUrl, set } = options;
  const provider = await openClient(config).call('createProvider', {
    body: { name, ...(vendor && { vendor }), ...(baseUrl && { baseUrl }), settings: settingsOf(set) },
  });
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(provider.name)} at ${plain(provider.baseUrl ?? '')}\n`);
  if (provider.keyNeeded) terminal.err(`  It needs a key: wheelhouse provider key add ${plain(provider.name)}\n`);
  return exitCodes.done;
}

/** `wheelhouse provider rm` */
export async function removeProvider(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeProvider', { params: { provider: name } });
  if (!removed) throw new UsageError(`The project has set up no provider \`${name}\`.`, 'See: wheelhouse provider ls');
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(name)} and its keys are removed\n`);
  return exitCodes.done;
}

/** `wheelhouse provider key add` */
export async function addKey(name: string, { label }: AddKeyOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const secret = await readSecret(`  Key for ${plain(name)}: `, terminal);
  const body = { secret, ...(label !== undefined && { label }) };
  const { keys } = await openClient(config).call('addProviderKey', { params: { provider: name }, body });
  const added = keys.at(-1);
  terminal.out(`  ${terminal.outStyle.green('✓')} ${added ? keyText(added) : ''} is stored, encrypted\n`);
  return exitCodes.done;
}

/** `wheelhouse provider key rm` */
export async function removeKey(name: string, keyId: string, { config, terminal }: Deps): Promise<ExitCode> {
  const params = { provider: name, keyId };
  const { removed } = await openClient(config).call('removeProviderKey', { params });
  if (!removed)
    throw new UsageError(
      `The project has stored no key \`${keyId}\` for ${name}.`,
      'Keys of the environment or the configuration are removed there. See: wheelhouse provider ls',
    );
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(keyId)} is removed\n`);
  return exitCodes.done;
}
