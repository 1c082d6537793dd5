import { isDeepStrictEqual } from 'node:util';
import type { ProviderReader } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { createHealth, type Health, type HealthEvent, type RouteTable } from '@wheelhouse/core/route';
import { providerOfModel } from '@wheelhouse/core/trace';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { ProviderSetup } from './providers/provider-setup.ts';

/** Providers whose name here is not the one that traces use. */
const ownNames: Record<string, string> = { 'gcp.gemini': 'gemini', mistral_ai: 'mistral', x_ai: 'xai' };

export type Routing = {
  health: Health;
  /** In force now. */
  config(): Config;
  /** Which models there are for the calls of a project. */
  table(project: ProjectId): RouteTable;
  /**
   * Puts another configuration in force; running calls end as they began.
   * @throws WheelhouseError `config_invalid`, and nothing has changed
   */
  configure(config: Config): void;
};

type Providers = ProviderReader & { configure(setups: readonly ProviderSetup[]): void };

export type RoutingOptions = {
  config: Config;
  providers: Providers;
  find(project: ProjectId, name: string): ReturnType<RouteTable['find']>;
  /** Of this server; 0: not known yet. */
  port(): number;
  log: Logger;
};

/**
 * The setups that may be called. One whose address is this very server would call itself for ever: it is refused when
 * somebody chose it, and left out when it is merely where its vendor listens by default.
 * @throws WheelhouseError `config_invalid`
 */
export function withoutLoops(setups: readonly ProviderSetup[], port: number): ProviderSetup[] {
  return setups.filter(({ name, baseUrl, chosen }) => {
    const url = new URL(baseUrl);
    const loops = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) && Number(url.port || 80) === port;
    if (loops && chosen)
      throw new WheelhouseError('config_invalid', `The base URL of the provider \`${name}\` is this server itself.`, {
        hint: 'OPENAI_BASE_URL here names the vendor behind the gateway; unset it for this process, or start on another port.',
      });
    return !loops;
  });
}

function logHealth(log: Logger, event: HealthEvent): void {
  if (event.type === 'closed' || event.type === 'keyAccepted') log.info(event, 'a target or key is well again');
  else if (event.type === 'opened') log.error(event, 'a target fails too often and takes no calls for a while');
  else log.error(event, 'a provider refuses a key');
}

/** Where calls go, as the configuration in force says, and what is known of the health of those places. */
export function openRouting({ providers, find, port, log, ...options }: RoutingOptions): Routing {
  let { config } = options;
  const health = createHealth({ breaker: config.breaker, changed: (event) => logHealth(log, event) });

  /** Whether calls to the provider can succeed, as far as keys go. */
  function canCall(project: ProjectId, name: string): boolean {
    const provider = providers.find(project, name);
    return provider !== null && (provider.keyHint === null || provider.keys().length > 0);
  }

  /**
   * A model name without a provider goes to the vendor that alone makes such models, where there is a key for it, unless
   * the configuration names a default provider.
   */
  function providerOf(project: ProjectId, model: string): string | null {
    if (config.defaultProviderSaid) return config.defaultProvider;
    const maker = providerOfModel(model);
    const name = maker === null ? null : (ownNames[maker] ?? maker);
    return name !== null && canCall(project, name) ? name : config.defaultProvider;
  }

  return {
    health,
    config: () => config,
    table: (project) => ({
      providers: providers.names(project),
      routes: config.routes,
      settings: config.settings,
      providerOf: (model) => providerOf(project, model),
      find: (name) => find(project, name),
    }),
    configure(next) {
      const keysBefore = new Map(config.providers.map(({ id, keys }) => [id, keys]));
      providers.configure(withoutLoops(next.providers, port()));
      config = next;
      health.configure(next.breaker);
      // A key that was refused may have been replaced under its name.
      for (const { id, keys } of next.providers)
        if (!isDeepStrictEqual(keysBefore.get(id), keys)) health.forgetKeys(id);
    },
  };
}
