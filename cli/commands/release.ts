import { setTimeout as sleep } from 'node:timers/promises';
import type { StickyKind } from '@wheelhouse/core/records';
import type { Client, ReleaseBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { releaseLines, verdictWords } from '../output/release-report.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { placeOf } from './release-place.ts';

type Deps = { config: Config; terminal: Terminal };
export type StartReleaseOptions = {
  canary: number;
  steps?: { share: number; after: number }[];
  sticky: StickyKind;
  minimum: number;
  promote?: boolean;
  examples?: string;
  message: string;
  watch?: boolean;
};
export type HistoryOptions = { limit: number; json?: boolean };

const pollMs = 1_000;

function show({ terminal }: Deps, release: ReleaseBody): void {
  terminal.out(`${releaseLines(release, terminal.outStyle).join('\n')}\n`);
}

const ended = ({ state }: ReleaseBody): ExitCode => (state === 'promoted' ? exitCodes.done : exitCodes.failed);

async function untilEnded(client: Client, id: string, deps: Deps): Promise<ExitCode> {
  let seen = '';
  while (true) {
    const { release } = await client.call('getRelease', { params: { releaseId: id } });
    const words = `${release.state} ${release.share} ${release.verdict?.sentence ?? ''}`;
    if (words !== seen) show(deps, release);
    seen = words;
    if (release.state !== 'running') return ended(release);
    await sleep(pollMs);
  }
}

/** The newest of a model's alias in one of these states. */
async function find(client: Client, text: string, states: ReleaseBody['state'][]): Promise<ReleaseBody> {
  const { model, alias } = placeOf(text);
  const { data } = await client.call('listReleases', { query: { model, limit: 100 } });
  const [newest] = data.filter((one) => one.alias === alias);
  if (newest && states.includes(newest.state)) return newest;
  throw new UsageError(
    `No release of ${model}@${alias} runs.`,
    `Start one: wheelhouse release start ${model} <version>.`,
  );
}

async function ensureDataset(client: Client, name: string): Promise<void> {
  const { data } = await client.call('listDatasets', {});
  if (!data.some((one) => one.name === name)) await client.call('createDataset', { body: { name } });
}

/** `wheelhouse release start` */
export async function startRelease(
  { model: text, candidate }: { model: string; candidate: number },
  options: StartReleaseOptions,
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const body: RequestBody<'startRelease'> = {
    ...placeOf(text),
    ...{ candidate, share: options.canary, minimum: options.minimum, message: options.message },
    sticky: options.sticky,
    promotesItself: options.promote ?? false,
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    ...(options.examples === undefined ? {} : { examples: { dataset: options.examples } }),
  };
  if (options.examples !== undefined) await ensureDataset(client, options.examples);
  const { without } = await client.call('planRelease', { body });
  const release = await client.call('startRelease', { body });
  show(deps, release);
  for (const reason of without) deps.terminal.out(`  not watched: ${reason}\n`);
  return options.watch ? untilEnded(client, release.id, deps) : exitCodes.done;
}

/** `wheelhouse release status` */
export async function showStatus(text: string | undefined, options: { json?: boolean }, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  const model = text === undefined ? {} : { model: placeOf(text).model };
  const { data } = await client.call('listReleases', { query: { state: 'running', limit: 100, ...model } });
  const own = text?.includes('@') ? data.filter(({ alias }) => alias === placeOf(text).alias) : data;
  if (options.json) deps.terminal.out(`${JSON.stringify(own, null, 2)}\n`);
  else if (own.length === 0) deps.terminal.out('  No release runs.\n');
  else for (const release of own) show(deps, release);
  return exitCodes.done;
}

/** `wheelhouse release watch` */
export async function watchRelease(text: string, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  return untilEnded(client, (await find(client, text, ['running'])).id, deps);
}

/** `wheelhouse release promote` and `rollback` */
export async function endRelease(
  { model, verb, reason }: { model: string; verb: 'promote' | 'rollback'; reason: string },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id } = await find(client, model, verb === 'promote' ? ['running'] : ['running', 'promoted']);
  const call = verb === 'promote' ? 'promoteRelease' : 'rollBackRelease';
  show(deps, await client.call(call, { params: { releaseId: id }, body: { reason } }));
  return exitCodes.done;
}

/** `wheelhouse release history` */
export async function showHistory(text: string | undefined, options: HistoryOptions, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  const model = text === undefined ? {} : { model: placeOf(text).model };
  const { data } = await client.call('listReleases', { query: { limit: options.limit, ...model } });
  const own = text?.includes('@') ? data.filter(({ alias }) => alias === placeOf(text).alias) : data;
  const rows = own.map((release) => [
    release.startedAt.slice(0, 16).replace('T', ' '),
    `${release.model}@${release.alias}`,
    `${release.incumbent} → ${release.candidate}`,
    verdictWords(release.state),
    release.reason ?? release.verdict?.sentence ?? '',
  ]);
  if (options.json) deps.terminal.out(`${JSON.stringify(own, null, 2)}\n`);
  else if (rows.length === 0) deps.terminal.out('  There was no release.\n');
  else deps.terminal.out(`${renderTable(rows, ['left', 'left', 'left', 'left', 'left']).join('\n')}\n`);
  return exitCodes.done;
}
