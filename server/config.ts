import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { BreakerSettings, Route, RouteSettings } from '@wheelhouse/core/route';
import { z } from 'zod';
import type { OidcConfig } from './access/index.ts';
import { type BucketConfig, readBucket } from './config-blobs.ts';
import {
  type CacheConfig,
  type ControlConfig,
  cacheSection,
  controlSection,
  readCache,
  readControl,
} from './config-control.ts';
import { type MailConfig, readMail } from './config-mail.ts';
import { gatewaySection, readGateway, readRoutes, routesSection } from './config-routes.ts';
import { type ProviderSetup, providersSection, readProviderSetups } from './providers/provider-setup.ts';

const configFile = z
  .object({
    server: z
      .object({
        host: z.string().min(1).optional(),
        port: z.number().int().min(0).max(65_535).optional(),
        dir: z.string().min(1).optional(),
        hosts: z.array(z.string()).optional().describe('Host names, besides loopback, that requests may name'),
        origins: z.array(z.url()).optional().describe('Origins of web pages that may call this server'),
      })
      .strict()
      .optional(),
    limits: z
      .object({
        bodyBytes: z.number().int().positive().optional(),
        fileBytes: z.number().int().positive().optional().describe('Of an uploaded file; 512 MiB unless said'),
        attachmentBytes: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Of what comes with a trace; 50 MiB unless said'),
      })
      .strict()
      .optional(),
    traces: z
      .object({
        keepDays: z.number().int().positive().optional().describe('Older traces are removed; all are kept unless said'),
      })
      .strict()
      .optional(),
    providers: providersSection.optional(),
    defaultProvider: z.string().optional().describe('Takes model names that name no provider'),
    gateway: gatewaySection.optional(),
    routes: routesSection.optional(),
    models: z
      .object({
        privateNetwork: z
          .boolean()
          .optional()
          .describe(
            'Whether registered models may call addresses of your own network: endpoints, tools and what `wheelhouse serve` serves. They may where no keys are needed, and else not, unless said',
          ),
      })
      .strict()
      .optional(),
    control: controlSection.optional(),
    cache: cacheSection.optional(),
    sim: z
      .record(z.string(), z.number())
      .optional()
      .describe('Defaults of the simulated model, as in the request member `sim`'),
  })
  .strict();

/** What `wheelhouse.config.ts` or `wheelhouse.config.json` may hold. */
export type ConfigFile = z.input<typeof configFile>;

/** Types the configuration in an editor. */
export const defineConfig = (config: ConfigFile): ConfigFile => config;

export type Config = {
  host: string;
  port: number;
  dir: string;
  loopback: boolean;
  adminKey: string | null;
  /** Who vouches for people, beside their passwords; null: nobody. */
  oidc: OidcConfig | null;
  /** Seals what is stored secretly; null: a file in the data directory does. */
  secretKey: string | null;
  hosts: string[];
  origins: string[];
  limits: { bodyBytes: number; fileBytes: number; attachmentBytes: number };
  /** null: traces are kept for ever. */
  keepTraceDays: number | null;
  /** Every one that can be named: those of the file, and each known vendor. */
  providers: ProviderSetup[];
  defaultProvider: string | null;
  /** Whether the file says so: then it takes every name that names no provider. */
  defaultProviderSaid: boolean;
  routes: ReadonlyMap<string, Route>;
  /** Of calls for which no route says otherwise. */
  settings: RouteSettings;
  breaker: BreakerSettings;
  /** Whether registered models may call addresses of the operator's own network. */
  privateNetwork: boolean;
  control: ControlConfig;
  cache: CacheConfig;
  sim: Record<string, number>;
  /** null: the embedded child process. */
  databaseUrl: string | null;
  clickhouseUrl: string | null;
  /** Shared by replicas: limits and cached answers; null: there is none. */
  redisUrl: string | null;
  /** Where files are kept; null: in the data directory. */
  bucket: BucketConfig | null;
  /** Sends e-mail; null: there is none. */
  mail: MailConfig | null;
  /** The file that was read; null when there is none. */
  file: string | null;
};

export type ConfigSource = {
  cwd: string;
  env: Record<string, string | undefined>;
  flags: { host?: string; port?: number; dir?: string };
};

export const configFileNames = [
  'wheelhouse.config.ts',
  'wheelhouse.config.mts',
  'wheelhouse.config.js',
  'wheelhouse.config.json',
];

async function readConfigFile(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
  const { createJiti } = await import('jiti');
  // It may be read again after a change, so nothing of it is remembered.
  return createJiti(pathToFileURL(path).href, { moduleCache: false }).import(path, { default: true });
}

async function loadFile(cwd: string): Promise<{ file: string | null; content: z.output<typeof configFile> }> {
  const file = configFileNames.map((name) => join(cwd, name)).find((path) => existsSync(path)) ?? null;
  if (file === null) return { file, content: {} };
  const raw = await readConfigFile(file).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WheelhouseError('config_invalid', `${file} cannot be read: ${reason}`, { cause });
  });
  const parsed = configFile.safeParse(raw);
  if (parsed.success) return { file, content: parsed.data };
  const issue = parsed.error.issues[0];
  throw new WheelhouseError('config_invalid', `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/** Environment over `.env.local` over `.env`. */
function environment({ cwd, env }: ConfigSource): Record<string, string | undefined> {
  const fromFile = (name: string) => {
    const path = join(cwd, name);
    return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  };
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  return { ...fromFile('.env'), ...fromFile('.env.local'), ...given };
}

/** Whether an address is only reachable from this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Whether calls to it can succeed, as far as keys go. */
export const canCall = ({ keys, keyNeeded }: Pick<ProviderSetup, 'keys' | 'keyNeeded'>): boolean =>
  keys.length > 0 || !keyNeeded;

/** Unless the file says it: OpenAI, where it can be called; otherwise the one that was set up, when it is the only one. */
function defaultProviderOf(said: string | undefined, providers: readonly ProviderSetup[]): string | null {
  if (said !== undefined) {
    if (said === 'sim' || providers.some(({ name }) => name === said)) return said;
    throw new WheelhouseError('config_invalid', `defaultProvider: no provider is named ${said}.`);
  }
  const ready = providers.filter((setup) => setup.chosen && canCall(setup));
  return (ready.find(({ name }) => name === 'openai') ?? (ready.length === 1 ? ready[0] : undefined))?.name ?? null;
}

/**
 * Everything that can be configured, read once: flags over environment over `.env.local` over `.env` over the config
 * file over defaults.
 * @throws WheelhouseError `config_invalid`, `bind_refused`
 */
export async function loadConfig(source: ConfigSource): Promise<Config> {
  const { file, content } = await loadFile(source.cwd);
  const env = environment(source);
  const host = source.flags.host ?? env.WHEELHOUSE_HOST ?? content.server?.host ?? '127.0.0.1';
  const port = source.flags.port ?? numberOf(env.WHEELHOUSE_PORT, 'WHEELHOUSE_PORT') ?? content.server?.port ?? 4400;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new WheelhouseError('config_invalid', `A port is a whole number from 0 to 65535, not ${port}.`);
  const adminKey = env.WHEELHOUSE_ADMIN_KEY ?? null;
  if (adminKey !== null && adminKey.length < 24)
    throw new WheelhouseError('config_invalid', 'WHEELHOUSE_ADMIN_KEY is shorter than 24 characters.', {
      hint: 'Make one with: openssl rand -hex 24',
    });
  const loopback = isLoopback(host);
  if (!loopback && adminKey === null)
    throw new WheelhouseError(
      'bind_refused',
      `Without an admin key this server listens on loopback only, not on ${host}.`,
    );
  const providers = readProviderSetups(content.providers ?? {}, env);
  const defaultProvider = defaultProviderOf(content.defaultProvider, providers);
  const { settings, breaker } = readGateway(content.gateway ?? {});
  const names = new Set([...providers.map(({ name }) => name), 'sim']);
  const routes = readRoutes(content.routes ?? {}, { providers: names, defaultProvider, settings });
  return {
    host,
    port,
    dir: resolve(source.cwd, source.flags.dir ?? env.WHEELHOUSE_DIR ?? content.server?.dir ?? '.wheelhouse'),
    loopback,
    adminKey,
    oidc: readOidc(env),
    secretKey: env.WHEELHOUSE_SECRET_KEY ?? null,
    hosts: content.server?.hosts ?? [],
    origins: (content.server?.origins ?? []).map((origin) => new URL(origin).origin),
    keepTraceDays: content.traces?.keepDays ?? null,
    limits: {
      bodyBytes: content.limits?.bodyBytes ?? 32 * 1024 * 1024,
      fileBytes: content.limits?.fileBytes ?? 512 * 1024 * 1024,
      attachmentBytes: content.limits?.attachmentBytes ?? 50 * 1024 * 1024,
    },
    providers,
    defaultProvider,
    defaultProviderSaid: content.defaultProvider !== undefined,
    routes,
    settings,
    breaker,
    privateNetwork: content.models?.privateNetwork ?? adminKey === null,
    control: readControl(content.control),
    cache: readCache(content.cache),
    sim: content.sim ?? {},
    databaseUrl: env.DATABASE_URL ?? null,
    clickhouseUrl: env.CLICKHOUSE_URL ?? null,
    redisUrl: redisUrlOf(env.REDIS_URL),
    bucket: readBucket(env),
    mail: readMail(env),
    file,
  };
}

function redisUrlOf(text: string | undefined): string | null {
  if (text === undefined || (URL.canParse(text) && /^rediss?:/.test(text))) return text ?? null;
  throw new WheelhouseError('config_invalid', 'REDIS_URL is not a redis:// or rediss:// URL.');
}

function numberOf(text: string | undefined, variable: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new WheelhouseError('config_invalid', `${variable} is not a number: ${text}`);
}

/** A provider of identities needs an issuer and a client id; a secret only when it gave one. */
function readOidc(env: Record<string, string | undefined>): OidcConfig | null {
  const { WHEELHOUSE_OIDC_ISSUER: issuer, WHEELHOUSE_OIDC_CLIENT_ID: clientId } = env;
  if (issuer === undefined && clientId === undefined) return null;
  if (issuer === undefined || clientId === undefined || !URL.canParse(issuer))
    throw new WheelhouseError(
      'config_invalid',
      'Sign-in with OpenID Connect takes WHEELHOUSE_OIDC_ISSUER, an address, and WHEELHOUSE_OIDC_CLIENT_ID.',
    );
  return { issuer, clientId, clientSecret: env.WHEELHOUSE_OIDC_CLIENT_SECRET ?? null };
}
