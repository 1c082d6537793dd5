import type { Handlers, ServerInfoBody } from '@wheelhouse/core/contract';
import { defaultProjectId } from '@wheelhouse/core/records';
import type { Config } from './config.ts';

const keyState = (config: Config, name: string): ServerInfoBody['providers'][number]['key'] => {
  const provider = config.providers.find((p) => p.name === name);
  if (!provider) return 'not needed';
  if (provider.apiKey !== null) return 'set';
  return provider.keyNeeded ? 'missing' : 'not needed';
};

/** `OPENAI_API_KEY found · GROQ_API_KEY not set` */
export function keysSentence(config: Config): string {
  return config.providers
    .map((p) => {
      const name = p.apiKeyVariable ?? `providers.${p.name}.apiKey`;
      if (p.apiKey !== null) return `${name} found`;
      return p.keyNeeded ? `${name} not set` : `${p.name} needs none`;
    })
    .join(' · ');
}

/** What this server is, for people and for the web app. */
export function createServerInfo(
  config: Config,
  options: { version: string; counts(): { stored: number; dropped: number } },
): { handlers: Handlers<'getServer'>; listening(port: number): void; url(): string } {
  let port = config.port;
  const shownHost = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = () => `http://${shownHost}:${port}`;
  return {
    url,
    listening(actual) {
      port = actual;
    },
    handlers: {
      async getServer() {
        return {
          version: options.version,
          project: defaultProjectId,
          dataDir: config.dir,
          openaiUrl: `${url()}/v1`,
          otlpUrl: url(),
          stores: {
            records: config.databaseUrl === null ? 'embedded' : 'server',
            telemetry: config.clickhouseUrl === null ? 'embedded' : 'server',
          },
          authentication: config.adminKey === null ? 'loopback' : 'admin key',
          providers: [
            ...config.providers.map((p) => ({
              name: p.name,
              baseUrl: p.baseUrl,
              key: keyState(config, p.name),
              keyVariable: p.apiKeyVariable,
            })),
            { name: 'sim', baseUrl: null, key: 'not needed' as const, keyVariable: null },
          ],
          spans: options.counts(),
          keepTraceDays: config.keepTraceDays,
        };
      },
    },
  };
}
