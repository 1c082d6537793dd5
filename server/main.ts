import { type Logger, pino } from 'pino';
import type { RunningServer } from './assemble.ts';
import { type Config, type ConfigSource, canCall, loadConfig } from './config.ts';
import { createConfigReloader, type ReloadOutcome } from './reload-config.ts';
import { openEngines } from './stores/open-engines.ts';

export type StartOptions = ConfigSource & {
  /** Folder of the built web app; null serves the API alone. */
  webRoot: string | null;
  log?: 'silent' | 'error' | 'info';
  /** Hears of every change of the configuration while the server runs, instead of the log. */
  reloaded?: (outcome: ReloadOutcome) => void;
};

export type { RunningServer } from './assemble.ts';
export type { ReloadOutcome } from './reload-config.ts';

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
  const server = await assemble({ config, log, engines, webRoot: options.webRoot });
  const stopReloading = reloadOnChange(options, { config, server, log });
  return {
    ...server,
    stop() {
      stopReloading();
      return server.stop();
    },
  };
}

/** Reads the configuration again when its files change and on SIGHUP, and says what came of it. */
function reloadOnChange(
  options: StartOptions,
  { config, server, log }: { config: Config; server: RunningServer; log: Logger },
): () => void {
  const told = (outcome: ReloadOutcome) => {
    if (options.reloaded) options.reloaded(outcome);
    else if (outcome.ok) log.info(outcome, 'configuration read again');
    else log.error({ err: outcome.error }, 'configuration refused; the one before stays in force');
  };
  const reloader = createConfigReloader({ source: options, config, apply: server.configure, told });
  const onSignal = () => void reloader.reload().then(told);
  // In a terminal the signal says that the terminal is gone, and ends the server as it ends anything else.
  if (!process.stdout.isTTY) process.on('SIGHUP', onSignal);
  return () => {
    process.off('SIGHUP', onSignal);
    reloader.close();
  };
}

/** What a configuration says, for a person. */
export type ConfigReport = {
  /** null: there is none, and the environment and defaults hold. */
  file: string | null;
  listens: string;
  dir: string;
  defaultProvider: string | null;
  providers: { name: string; baseUrl: string; keys: number; callable: boolean; keyVariable: string }[];
  routes: {
    name: string;
    strategy: string;
    targets: { ref: string; weight: number; priority: number; callable: boolean }[];
  }[];
};

/**
 * Reads a configuration without starting anything.
 * @throws WheelhouseError `config_invalid`, `bind_refused`
 */
export async function checkConfig(source: ConfigSource): Promise<ConfigReport> {
  const config = await loadConfig(source);
  const callable = new Set(['sim', ...config.providers.filter(canCall).map(({ name }) => name)]);
  return {
    file: config.file,
    listens: `${config.host}:${config.port}`,
    dir: config.dir,
    defaultProvider: config.defaultProvider,
    providers: config.providers
      .filter(({ chosen }) => chosen)
      .map(({ name, baseUrl, keys, keyVariable }) => ({
        name,
        baseUrl,
        keys: keys.length,
        callable: callable.has(name),
        keyVariable,
      })),
    routes: [...config.routes].map(([name, { targets, settings }]) => ({
      name,
      strategy: settings.strategy,
      targets: targets.map(({ ref, provider, weight, priority }) => ({
        ref,
        weight,
        priority,
        callable: callable.has(provider),
      })),
    })),
  };
}
