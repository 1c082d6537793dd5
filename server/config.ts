import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { WheelhouseError } from '@wheelhouse/core/records';
import { z } from 'zod';

const provider = z
  .object({
    baseUrl: z.url({ protocol: /^https?$/ }).describe('Up to and including /v1'),
    apiKey: z.string().min(1).optional(),
    apiKeyVariable: z.string().min(1).optional().describe('Name of the environment variable that holds the key'),
    headers: z.record(z.string(), z.string()).optional(),
  })
  .strict();

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
        upstreamTimeoutMs: z.number().int().positive().optional(),
      })
      .strict()
      .optional(),
    traces: z
      .object({
        keepDays: z.number().int().positive().optional().describe('Older traces are removed; all are kept unless said'),
      })
      .strict()
      .optional(),
    providers: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), provider).optional(),
    defaultProvider: z
      .string()
      .optional()
      .describe('Takes model names that name no provider; openai unless said otherwise'),
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

export type ProviderConfig = {
  name: string;
  baseUrl: string;
  apiKey: string | null;
  /** Where a key can be set; null when it stands in the file. */
  apiKeyVariable: string | null;
  /** Whether calls without a key are refused. */
  keyNeeded: boolean;
  headers: Record<string, string>;
};

export type Config = {
  host: string;
  port: number;
  dir: string;
  loopback: boolean;
  adminKey: string | null;
  hosts: string[];
  origins: string[];
  limits: { bodyBytes: number; upstreamTimeoutMs: number };
  /** null: traces are kept for ever. */
  keepTraceDays: number | null;
  providers: ProviderConfig[];
  defaultProvider: string | null;
  sim: Record<string, number>;
  /** null: the embedded child process. */
  databaseUrl: string | null;
  clickhouseUrl: string | null;
  /** The file that was read; null when there is none. */
  file: string | null;
};

export type ConfigSource = {
  cwd: string;
  env: Record<string, string | undefined>;
  flags: { host?: string; port?: number; dir?: string };
};

const fileNames = ['wheelhouse.config.ts', 'wheelhouse.config.mts', 'wheelhouse.config.js', 'wheelhouse.config.json'];

async function readConfigFile(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
  const { createJiti } = await import('jiti');
  return createJiti(pathToFileURL(path).href).import(path, { default: true });
}

async function loadFile(cwd: string): Promise<{ file: string | null; content: z.output<typeof configFile> }> {
  const file = fileNames.map((name) => join(cwd, name)).find((path) => existsSync(path)) ?? null;
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

const openaiUrl = 'https://api.openai.com/v1';

function providersOf(file: z.output<typeof configFile>, env: Record<string, string | undefined>): ProviderConfig[] {
  const openaiBase = env.OPENAI_BASE_URL ?? openaiUrl;
  const openai: ProviderConfig = {
    name: 'openai',
    baseUrl: checkUrl(openaiBase, 'OPENAI_BASE_URL'),
    apiKey: env.OPENAI_API_KEY ?? null,
    apiKeyVariable: 'OPENAI_API_KEY',
    keyNeeded: openaiBase === openaiUrl,
    headers: {},
  };
  const named = Object.entries(file.providers ?? {}).map(([name, p]): ProviderConfig => {
    if (name === 'sim')
      throw new WheelhouseError('config_invalid', 'providers.sim: this name belongs to the simulated model.');
    const variable = p.apiKeyVariable ?? null;
    return {
      name,
      baseUrl: p.baseUrl.replace(/\/$/, ''),
      apiKey: p.apiKey ?? (variable === null ? null : (env[variable] ?? null)),
      apiKeyVariable: variable,
      keyNeeded: variable !== null && p.apiKey === undefined,
      headers: p.headers ?? {},
    };
  });
  return named.some((p) => p.name === 'openai') ? named : [openai, ...named];
}

function checkUrl(text: string, variable: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/$/, '');
  throw new WheelhouseError('config_invalid', `${variable} is not an http or https URL: ${text}`);
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
  const providers = providersOf(content, env);
  const openai = providers.find((p) => p.name === 'openai');
  const fallback = openai && (openai.apiKey !== null || !openai.keyNeeded) ? 'openai' : null;
  const defaultProvider = content.defaultProvider ?? fallback;
  if (defaultProvider !== null && !providers.some((p) => p.name === defaultProvider))
    throw new WheelhouseError('config_invalid', `defaultProvider: no provider is named ${defaultProvider}.`);
  return {
    host,
    port,
    dir: resolve(source.cwd, source.flags.dir ?? env.WHEELHOUSE_DIR ?? content.server?.dir ?? '.wheelhouse'),
    loopback,
    adminKey,
    hosts: content.server?.hosts ?? [],
    origins: (content.server?.origins ?? []).map((origin) => new URL(origin).origin),
    keepTraceDays: content.traces?.keepDays ?? null,
    limits: {
      bodyBytes: content.limits?.bodyBytes ?? 32 * 1024 * 1024,
      upstreamTimeoutMs: content.limits?.upstreamTimeoutMs ?? 600_000,
    },
    providers,
    defaultProvider,
    sim: content.sim ?? {},
    databaseUrl: env.DATABASE_URL ?? null,
    clickhouseUrl: env.CLICKHOUSE_URL ?? null,
    file,
  };
}

function numberOf(text: string | undefined, variable: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new WheelhouseError('config_invalid', `${variable} is not a number: ${text}`);
}
