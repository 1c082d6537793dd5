import { pino } from 'pino';
import type { RunningServer } from './assemble.ts';
import { type ConfigSource, loadConfig } from './config.ts';
import { openEngines } from './stores/open-engines.ts';

export type StartOptions = ConfigSource & {
  /** Folder of the built web app; null serves the API alone. */
  webRoot: string | null;
  log?: 'silent' | 'error' | 'info';
};

export type { RunningServer } from './assemble.ts';

/**
 * Starts everything. The databases start first, because they take longest, and the rest of the program loads meanwhile.
 * @throws WheelhouseError `config_invalid`, `bind_refused`, `data_dir_locked`, `port_in_use`, `store_unavailable`
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const config = await loadConfig(options);
  const log = pino({ level: options.log ?? 'error' }, pino.destination(2));
  const engines = openEngines(config, log);
  // Whoever assembles awaits it and hears of a failure; until then it is nobody's.
  engines.catch(() => {});
  const { assemble } = await import('./assemble.ts');
  return assemble({ config, log, engines, webRoot: options.webRoot });
}
