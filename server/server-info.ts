import type { Handlers, ServerInfoBody } from '@wheelhouse/core/contract';
import type { Config } from './config.ts';
import type { ProviderSetup } from './providers/provider-setup.ts';

const keyState = ({ keys, keyNeeded }: ProviderSetup): ServerInfoBody['providers'][number]['key'] => {
  if (keys.length > 0) return 'set';
  return keyNeeded ? 'missing' : 'not needed';
};

/** `OPENAI_API_KEY found · GROQ_API_KEY not set` */
export function keysSentence({ providers }: Config): string {
  return providers
    .filter(({ chosen }) => chosen)
    .map(({ name, keys, keyNeeded, keyVariable }) => {
      if (keys.length > 1) return `${keyVariable} found (${keys.length})`;
      if (keys.length > 0) return `${keyVariable} found`;
      return keyNeeded ? `${keyVariable} not set` : `${name} needs none`;
    })
    .join(' · ');
}

/** What this server is, for people and for the web app. */
export function createServerInfo(
  current: () => Config,
  options: { version: string; counts(): { stored: number; dropped: number } },
): { handlers: Handlers<'getServer'>; listening(port: number): void; url(): string } {
  const config = current();
  let port = config.port;
  const shownHost = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = () => `http://${shownHost}:${port}`;
  return {
    url,
    listening(actual) {
      port = actual;
    },
    handlers: {
      async getServer({ by }) {
        return {
          version: options.version,
          project: by.project,
          dataDir: config.dir,
          openaiUrl: `${url()}/v1`,
          otlpUrl: url(),
          stores: {
            records: config.databaseUrl === null ? 'embedded' : 'server',
            telemetry: config.clickhouseUrl === null ? 'embedded' : 'server',
          },
          authentication: config.adminKey === null ? 'loopback' : 'admin key',
          providers: [
            ...current()
              .providers.filter(({ chosen }) => chosen)
              .map((p) => ({ name: p.name, baseUrl: p.baseUrl, key: keyState(p), keyVariable: p.keyVariable })),
            { name: 'sim', baseUrl: null, key: 'not needed' as const, keyVariable: null },
          ],
          spans: options.counts(),
        };
      },
    },
  };
}
