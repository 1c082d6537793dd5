import { type FSWatcher, watch } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { WheelhouseError } from '@wheelhouse/core/records';
import { type Config, type ConfigSource, configFileNames, loadConfig } from './config.ts';

/** Members that take effect while the server runs; all others wait for a restart. */
const live = ['providers', 'defaultProvider', 'defaultProviderSaid', 'routes', 'settings', 'breaker', 'cache'] as const;
type LiveMember = (typeof live)[number];
const isLive = (name: string): name is LiveMember => live.some((member) => member === name);

/** What they are called in the file. */
const sections: Record<LiveMember, string> = {
  providers: 'providers',
  defaultProvider: 'defaultProvider',
  defaultProviderSaid: 'defaultProvider',
  routes: 'routes',
  settings: 'gateway',
  breaker: 'gateway',
  cache: 'cache',
};

export type ReloadOutcome =
  /** Sections of the file that are in force now, and members of the configuration that wait for a restart. */
  | { ok: true; changed: string[]; needRestart: string[] }
  /** What was in force before still is. */
  | { ok: false; error: WheelhouseError };

export type ReloadOptions = {
  source: ConfigSource;
  /** In force now. */
  config: Config;
  /** Puts another one in force; what it throws refuses it. */
  apply(config: Config): void;
  told(outcome: ReloadOutcome): void;
};

export type ConfigReloader = {
  /** Reads again and puts in force what changed. An invalid configuration is refused as a whole. */
  reload(): Promise<ReloadOutcome>;
  close(): void;
};

/** One save of an editor is several events. */
const quietMs = 100;

const asError = (error: unknown): WheelhouseError =>
  error instanceof WheelhouseError
    ? error
    : new WheelhouseError('internal', 'The configuration cannot be read.', { cause: error });

/**
 * Keeps a running server's configuration as the file and the `.env` files beside it say: reads them again when one of
 * them changes, and when asked to.
 */
export function createConfigReloader(options: ReloadOptions): ConfigReloader {
  const { source, apply, told } = options;
  let config = options.config;
  let queue: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  async function read(): Promise<ReloadOutcome> {
    try {
      const next = await loadConfig(source);
      if (config.file !== null && next.file !== config.file)
        throw new WheelhouseError(
          'config_invalid',
          next.file === null
            ? `${config.file} is gone.`
            : `${next.file} is there now beside or instead of ${config.file}.`,
          { hint: 'Put it back, or restart to go on without it.' },
        );
      const different = (Object.keys(next) as (keyof Config)[]).filter(
        (name) => name !== 'file' && !isDeepStrictEqual(next[name], config[name]),
      );
      const changed = different.filter(isLive);
      if (changed.length > 0) {
        const merged = { ...config, ...Object.fromEntries(live.map((name) => [name, next[name]])) };
        apply(merged);
        config = merged;
      }
      return {
        ok: true,
        changed: [...new Set(changed.map((name) => sections[name]))],
        needRestart: different.filter((name) => !isLive(name)),
      };
    } catch (error) {
      return { ok: false, error: asError(error) };
    }
  }

  function reload(): Promise<ReloadOutcome> {
    const next = queue.then(read);
    queue = next;
    return next;
  }

  const onChange = (name: string | null) => {
    if (name !== null && ![...configFileNames, '.env', '.env.local'].includes(name)) return;
    timer ??= setTimeout(() => {
      timer = null;
      void reload().then((outcome) => {
        if (!outcome.ok || outcome.changed.length > 0 || outcome.needRestart.length > 0) told(outcome);
      });
    }, quietMs).unref();
  };

  let watcher: FSWatcher | null = null;
  try {
    // The folder, because editors replace files. Where it cannot be watched, SIGHUP still works.
    watcher = watch(source.cwd, { persistent: false }, (_, name) => onChange(name));
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = null;
  }

  return {
    reload,
    close() {
      watcher?.close();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
