import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type ProjectContentsBody, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type Ask, askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

export type RemoveProjectOptions = { dryRun?: boolean; yes?: boolean };
type Deps = { config: Config; terminal: Terminal; ask?: Ask };

const pollMs = 300;
const words: Record<keyof ProjectContentsBody, [one: string, more: string]> = {
  traces: ['trace', 'traces'],
  scores: ['score', 'scores'],
  models: ['model', 'models'],
  datasets: ['dataset', 'datasets'],
  examples: ['example', 'examples'],
  evaluations: ['evaluation', 'evaluations'],
  files: ['file', 'files'],
  keys: ['key', 'keys'],
  people: ['person', 'people'],
};

function sentenceOf(contents: ProjectContentsBody): string {
  const parts = Object.entries(words).flatMap(([name, [one, more]]) => {
    const number = contents[name as keyof ProjectContentsBody];
    return number === 0 ? [] : [`${number.toLocaleString('en')} ${number === 1 ? one : more}`];
  });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** What became of it; null: whoever asked may not know any more, because their key went with the project. */
async function follow(client: Client, id: string, signal: AbortSignal): Promise<{ error: string | null } | null> {
  for (;;) {
    const list = await client.call('listProjectRemovals', { signal }).catch((error: unknown) => {
      if (error instanceof WheelhouseApiError && (error.status === 401 || error.status === 403)) return null;
      throw error;
    });
    const removal = list?.data.find(({ project }) => project === id);
    if (removal === undefined) return null;
    if (removal.removedAt !== null || removal.error !== null) return removal;
    await sleep(pollMs, undefined, { signal });
  }
}

/** `wheelhouse project rm`: says what the project has, asks for its name, and waits until all of it is gone. */
export async function removeProject(id: string, options: RemoveProjectOptions, deps: Deps): Promise<ExitCode> {
  const { config, terminal, ask = askOnTerminal() } = deps;
  const client = openClient({ ...config, project: id });
  const { name } = (await client.call('getMe', {})).project;
  const has = sentenceOf(await client.call('countProject', {}));
  const called = name === id ? plain(id) : `${plain(id)} (${plain(name)})`;
  if (options.dryRun) {
    terminal.out(`  ${called} has ${has}; nothing was removed\n`);
    return exitCodes.done;
  }
  if (!options.yes) {
    if (ask === null)
      throw new UsageError(`Nobody is here to confirm that ${called} is removed for good.`, 'Add --yes.');
    terminal.err(`  ${called} has ${has}. All of it goes for good, and nobody can call with its keys from now on.\n`);
    const answer = await ask(`  Type its name, ${plain(name)}, to remove it: `);
    if (answer.trim() !== name) {
      terminal.err('  Nothing was removed.\n');
      return exitCodes.stopped;
    }
  }
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    await client.call('removeProject', { body: { name } });
    const removal = await follow(openClient({ ...config, project: null }), id, stop.signal);
    const tick = terminal.outStyle.green('✓');
    if (removal === null) terminal.out(`  ${tick} ${called} is closed, and is being erased\n`);
    else if (removal.error === null) terminal.out(`  ${tick} ${called} is gone\n`);
    else
      terminal.err(
        `${terminal.errStyle.red('✕')} ${called} is closed but not erased yet: ${plain(removal.error)}\n  It is tried again within the hour.\n`,
      );
    return removal?.error ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(`  Stopped watching; ${called} is closed, and the server goes on erasing it.\n`);
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
