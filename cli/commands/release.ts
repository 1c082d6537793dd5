import { setTimeout as sleep } from 'node:timers/promises';
import { parseUsd, type StickyKind } from '@wheelhouse/core/records';
import type { Client, ReleaseBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { planLines, releaseLines, verdictWords } from '../output/release-report.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { chosenRails, parseRails } from '../parse-rails.ts';
import { ensureDataset, placeOf } from './release-place.ts';

type Deps = { config: Config; terminal: Terminal };
export type StartReleaseOptions = {
  canary: number;
  shadow?: number;
  budget?: string;
  outside?: boolean;
  allocate?: 'bandit';
  between?: { floor: number; ceiling: number };
  steps?: { share: number; after: number }[];
  sticky: StickyKind;
  rails?: string;
  risks?: { falseRollback: number; missedRegression: number };
  minimum: number;
  promote?: boolean;
  breaking?: boolean;
  examples?: string;
  message: string;
  plan?: boolean;
  watch?: boolean;
};
export type HistoryOptions = { limit: number; json?: boolean };

const pollMs = 1_000;

export function showRelease({ terminal }: Deps, release: ReleaseBody): void {
  terminal.out(`${releaseLines(release, terminal.outStyle).join('\n')}\n`);
}

const ended = ({ state }: ReleaseBody): ExitCode => (state === 'promoted' ? exitCodes.done : exitCodes.failed);

/** What only listens has said all that it will once it is asked no more; somebody goes on from there. */
function listened({ shadow, share, verdict }: ReleaseBody): ExitCode | null {
  if (shadow === null || share > 0) return null;
  return verdict?.verdict === 'promote' ? exitCodes.done : exitCodes.budget;
}

export async function untilEnded(client: Client, id: string, deps: Deps): Promise<ExitCode> {
  let seen = '';
  while (true) {
    const { release } = await client.call('getRelease', { params: { releaseId: id } });
    const words = `${release.state} ${release.share} ${release.verdict?.sentence ?? ''}`;
    if (words !== seen) showRelease(deps, release);
    seen = words;
    if (release.state !== 'running') return ended(release);
    const code = listened(release);
    if (code !== null) return code;
    await sleep(pollMs);
  }
}

/** The newest of a model's alias in one of these states. */
export async function findRelease(client: Client, text: string, states: ReleaseBody['state'][]): Promise<ReleaseBody> {
  const { model, alias } = placeOf(text);
  const { data } = await client.call('listReleases', { query: { model, limit: 100 } });
  const [newest] = data.filter((one) => one.alias === alias);
  if (newest && states.includes(newest.state)) return newest;
  throw new UsageError(
    `No release of ${model}@${alias} runs.`,
    `Start one: wheelhouse release start ${model} <version>.`,
  );
}

function shadowOf({ shadow, budget, outside }: StartReleaseOptions) {
  if (shadow !== undefined)
    return {
      share: shadow,
      shadow: { budgetNanoUsd: budget === undefined ? null : String(parseUsd(budget)), outside: outside ?? false },
    };
  if (budget === undefined && outside === undefined) return {};
  throw new UsageError('--budget and --outside are of a release that only listens.', 'Say --shadow as well.');
}

/** Of a share that moves by how the version does. */
export function allocationOf({ allocate, between }: Pick<StartReleaseOptions, 'allocate' | 'between'>) {
  if (allocate !== undefined) return { allocation: between ?? {} };
  if (between === undefined) return {};
  throw new UsageError('--between says where a share moves.', 'Say --allocate bandit as well.');
}

export type Started = { release: ReleaseBody; without: string[] };

type NewRelease = RequestBody<'startRelease'>;

/** `without`: what is not watched, and why. */
export async function beginRelease(client: Client, body: NewRelease): Promise<Started> {
  const { without } = await client.call('planRelease', { body });
  return { release: await client.call('startRelease', { body }), without };
}

/** With the rails that were chosen; as they would be filled in where none were. */
async function withRails(client: Client, body: NewRelease, chosen: string | undefined): Promise<NewRelease> {
  if (chosen === undefined) return body;
  return { ...body, rails: chosenRails(parseRails(chosen), await client.call('planRelease', { body })) };
}

export function showStarted(deps: Deps, { release, without }: Started): void {
  showRelease(deps, release);
  for (const reason of without) deps.terminal.out(`  not watched: ${reason}\n`);
}

/** `wheelhouse release start` */
export async function startRelease(
  { model: text, candidate }: { model: string; candidate: number },
  options: StartReleaseOptions,
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const asked: NewRelease = {
    ...placeOf(text),
    ...{ candidate, share: options.canary, minimum: options.minimum, message: options.message },
    sticky: options.sticky,
    promotesItself: options.promote ?? false,
    breaking: options.breaking ?? false,
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    ...(options.examples === undefined ? {} : { examples: { dataset: options.examples } }),
    ...shadowOf(options),
    ...allocationOf(options),
    ...(options.risks === undefined ? {} : { risks: options.risks }),
  };
  const body = await withRails(client, asked, options.rails);
  if (options.plan) {
    const plan = await client.call('planRelease', { body });
    deps.terminal.out(`${planLines(plan, placeOf(text)).join('\n')}\n`);
    return exitCodes.done;
  }
  if (options.examples !== undefined) await ensureDataset(client, options.examples);
  const started = await beginRelease(client, body);
  showStarted(deps, started);
  return options.watch ? untilEnded(client, started.release.id, deps) : exitCodes.done;
}

/** `wheelhouse release status` */
export async function showStatus(text: string | undefined, options: { json?: boolean }, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  const model = text === undefined ? {} : { model: placeOf(text).model };
  const { data } = await client.call('listReleases', { query: { state: 'running', limit: 100, ...model } });
  const own = text?.includes('@') ? data.filter(({ alias }) => alias === placeOf(text).alias) : data;
  if (options.json) deps.terminal.out(`${JSON.stringify(own, null, 2)}\n`);
  else if (own.length === 0) deps.terminal.out('  No release runs.\n');
  else for (const release of own) showRelease(deps, release);
  return exitCodes.done;
}

/** `wheelhouse release watch` */
export async function watchRelease(text: string, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  return untilEnded(client, (await findRelease(client, text, ['running'])).id, deps);
}

/** `wheelhouse release promote` and `rollback` */
export async function endRelease(
  { model, verb, reason }: { model: string; verb: 'promote' | 'rollback'; reason: string },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id } = await findRelease(client, model, verb === 'promote' ? ['running'] : ['running', 'promoted']);
  const call = verb === 'promote' ? 'promoteRelease' : 'rollBackRelease';
  showRelease(deps, await client.call(call, { params: { releaseId: id }, body: { reason } }));
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
