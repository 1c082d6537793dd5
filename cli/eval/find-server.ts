import { type Client, createClient, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { reloadReport } from '../output/reload-report.ts';
import type { Terminal } from '../output/terminal.ts';
import { findWebRoot } from '../web-root.ts';

export type FoundServer = {
  client: Client;
  url: string;
  /** Runs in this process, until `close`. */
  isOwn: boolean;
  close(): Promise<void>;
};

/** With its data in the working directory, as `wheelhouse start` has it, on a free port. */
async function startOne({ config, terminal }: { config: Config; terminal: Terminal }): Promise<FoundServer> {
  terminal.err('  No server is running; one runs in here meanwhile, with its data in .wheelhouse\n');
  const { startServer } = await import('@wheelhouse/server/main');
  const { cwd, env, adminKey } = config;
  const server = await startServer({
    ...{ cwd, env, flags: { port: 0 }, webRoot: findWebRoot() },
    reloaded: (outcome) => terminal.err(reloadReport(outcome, terminal.errStyle)),
  });
  const client = createClient({ baseUrl: server.url, ...(adminKey && { apiKey: adminKey }) });
  return { client, url: server.url, isOwn: true, close: () => server.stop() };
}

/** The server that the environment names; where it names none and none runs, one is started for as long as it is needed. */
export async function findServer(deps: { config: Config; terminal: Terminal }): Promise<FoundServer> {
  const { config } = deps;
  const client = openClient(config);
  try {
    await client.call('getServer', {});
  } catch (error) {
    const isAway = error instanceof WheelhouseApiError && error.code === 'unreachable';
    if (!isAway || config.isUrlGiven) throw error;
    return startOne(deps);
  }
  return { client, url: config.url, isOwn: false, close: async () => {} };
}
