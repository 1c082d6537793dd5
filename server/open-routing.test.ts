import type { Provider } from '@wheelhouse/core/ports';
import { defaultProjectId } from '@wheelhouse/core/records';
import { planCall, resolveTarget } from '@wheelhouse/core/route';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from './config.ts';
import { openRouting, withoutLoops } from './open-routing.ts';
import type { ProviderSetup } from './providers/provider-setup.ts';

const load = (env: Record<string, string>): Promise<Config> => loadConfig({ cwd: '/nowhere', env, flags: {} });

async function open(config: Config, port = 4400) {
  let setups: readonly ProviderSetup[] = config.providers;
  const find = (_: string, name: string) => {
    const setup = setups.find((one) => one.name === name);
    if (!setup) return null;
    const { keys, keyNeeded, keyVariable } = setup;
    return { name, keys: () => keys, keyHint: keyNeeded ? keyVariable : null } as unknown as Provider;
  };
  const routing = openRouting({
    config,
    providers: {
      find,
      names: () => new Set(setups.map(({ name }) => name)),
      configure: (next) => {
        setups = next;
      },
    },
    find: () => null,
    port: () => port,
    log: pino({ level: 'silent' }),
  });
  const providerOf = (model: string) => resolveTarget(model, routing.table(defaultProjectId)).provider;
  return { routing, providerOf };
}

describe('where a model name without a provider goes', () => {
  const keys = { OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a', GEMINI_API_KEY: 'g' };

  it('is the vendor that alone makes it, where there is a key, and else the default provider', async () => {
    const { providerOf } = await open(await load(keys));
    expect(['claude-sonnet-4-5', 'gemini-2.5-flash', 'gpt-4o', 'my-model'].map(providerOf)).toEqual([
      'anthropic',
      'gemini',
      'openai',
      'openai',
    ]);
    const without = await open(await load({ OPENAI_API_KEY: 'o' }));
    expect(without.providerOf('claude-sonnet-4-5')).toBe('openai');
  });

  it('is the only provider with a key', async () => {
    const { providerOf } = await open(await load({ ANTHROPIC_API_KEY: 'a' }));
    expect(providerOf('any-name')).toBe('anthropic');
    const none = await open(await load({}));
    expect(() => none.providerOf('any-name')).toThrow(expect.objectContaining({ code: 'model_not_found' }));
  });

  it('is the default provider for every name when the file names one', async () => {
    const config = { ...(await load(keys)), defaultProvider: 'openrouter', defaultProviderSaid: true };
    const { providerOf } = await open(config);
    expect(providerOf('claude-sonnet-4-5')).toBe('openrouter');
  });

  it('follows the configuration that is in force', async () => {
    const { routing, providerOf } = await open(await load({ OPENAI_API_KEY: 'o' }));
    routing.configure(await load(keys));
    expect(providerOf('claude-sonnet-4-5')).toBe('anthropic');
  });
});

describe('a key that was refused', () => {
  it('is tried again once the configuration has another in its place, and not before', async () => {
    const { routing } = await open(await load({ OPENAI_API_KEY: 'wrong' }));
    const { route } = resolveTarget('openai/gpt-4o', routing.table(defaultProjectId));
    const plan = planCall({
      ...{ route, health: routing.health, stickyKey: null, deadlineMs: null, nowMs: 1_000 },
      keysOf: () => [{ id: 'openai#1' }],
      random: () => 0.5,
    });
    const step = plan.next(1_000);
    if (step.do !== 'try') throw new Error(step.failure.message);
    const refusal = { kind: 'auth', message: 'wrong key', code: null, status: 401, retryAfterMs: null } as const;
    plan.ended(step.attempt, refusal, 1_010);
    const refused = () => routing.health.report(1_020)[0]?.keys.length;
    routing.configure(await load({ OPENAI_API_KEY: 'wrong', GROQ_API_KEY: 'g' }));
    expect(refused()).toBe(1);
    routing.configure(await load({ OPENAI_API_KEY: 'right' }));
    expect(refused()).toBe(0);
  });
});

describe('a provider whose address is this server', () => {
  it('is refused when it was chosen, and left out when it is only where its vendor listens', async () => {
    const chosen = await load({ OPENAI_BASE_URL: 'http://localhost:4400/v1' });
    expect(() => withoutLoops(chosen.providers, 4400)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    const { providers } = await load({});
    const names = (port: number) => withoutLoops(providers, port).map(({ name }) => name);
    expect(names(1)).toContain('ollama');
    expect(names(11_434)).not.toContain('ollama');
    const { routing, providerOf } = await open(await load({ OPENAI_API_KEY: 'o' }));
    expect(() => routing.configure(chosen)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(providerOf('gpt-4o')).toBe('openai');
  });
});
