import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, DeletionBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { findTrace } from '../find-trace.ts';
import { openClient } from '../open-client.ts';
import { type Ask, askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { quoted } from '../read-filter.ts';

export type RemoveOptions = { session?: string; user?: string; yes?: boolean };
type Deps = { config: Config; terminal: Terminal; ask?: Ask };

const pollMs = 300;

async function subjectOf(client: Client, id: string | undefined, options: RemoveOptions) {
  const given = [id, options.session, options.user].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      'Say what to remove: one trace, session or user.',
      'wheelhouse trace rm <id> | --session <id> | --user <id>',
    );
  if (options.session !== undefined)
    return {
      body: { session: options.session },
      name: `session ${options.session}`,
      q: `session:${quoted(options.session)}`,
    };
  if (options.user !== undefined)
    return { body: { user: options.user }, name: `user ${options.user}`, q: `user:${quoted(options.user)}` };
  const trace = await findTrace(client, id ?? '');
  return { body: { trace }, name: `trace ${trace}`, q: `trace:${trace}` };
}

async function follow(client: Client, asked: DeletionBody, signal: AbortSignal): Promise<DeletionBody> {
  let deletion = asked;
  while (deletion.status === 'queued') {
    await sleep(pollMs, undefined, { signal });
    deletion = await client.call('getDeletion', { params: { deletionId: asked.id }, signal });
  }
  return deletion;
}

/** `wheelhouse trace rm`: asks, then has it removed for good and waits until it is. */
export async function removeTraces(id: string | undefined, options: RemoveOptions, deps: Deps): Promise<ExitCode> {
  const { config, terminal, ask = askOnTerminal() } = deps;
  const client = openClient(config);
  const { body, name, q } = await subjectOf(client, id, options);
  if (!options.yes) {
    if (ask === null)
      throw new UsageError(`Nobody is here to confirm that ${plain(name)} is removed for good.`, 'Add --yes.');
    const query = { q: `${q} (run:* or -has:run)`, fields: 'status', limit: 1 };
    const { total } = await client.call('listFacets', { query });
    const count = `${total.toLocaleString('en')} ${total === 1 ? 'trace' : 'traces'}`;
    const answer = await ask(`  Remove ${plain(name)}, ${count}, with contents and scores, for good? [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) {
      terminal.err('  Nothing was removed.\n');
      return exitCodes.stopped;
    }
  }
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const asked = await client.call('createDeletion', { body: body as RequestBody<'createDeletion'> });
  try {
    const done = await follow(client, asked, stop.signal);
    if (done.status === 'failed') {
      terminal.err(`${terminal.errStyle.red('✕')} ${plain(name)} could not be removed: ${plain(done.error ?? '')}\n`);
      return exitCodes.failed;
    }
    terminal.out(
      `  ${terminal.outStyle.green('✓')} ${plain(name)}: ${done.traces ?? 0} removed  ${terminal.outStyle.dim(done.id)}\n`,
    );
    return exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(`  Stopped watching; the server goes on with ${asked.id}.\n`);
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
