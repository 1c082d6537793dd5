import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from './config.ts';
import { type ConfigReloader, createConfigReloader, type ReloadOutcome } from './reload-config.ts';

let cwd = '';
let reloader: ConfigReloader | null = null;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'wh-reload-'));
});
afterEach(() => {
  reloader?.close();
  rmSync(cwd, { recursive: true });
});

const write = (config: object | string, name = 'wheelhouse.config.json') =>
  writeFileSync(join(cwd, name), typeof config === 'string' ? config : JSON.stringify(config));
const fast = (...targets: unknown[]) => ({ routes: { fast: { targets } } });

async function start(apply: (config: Config) => void = () => {}) {
  const source = { cwd, env: {}, flags: {} };
  const applied: Config[] = [];
  let tell = (_: ReloadOutcome) => {};
  const nextTold = () => new Promise<ReloadOutcome>((resolve) => (tell = resolve));
  reloader = createConfigReloader({
    source,
    config: await loadConfig(source),
    apply(config) {
      apply(config);
      applied.push(config);
    },
    told: (outcome) => tell(outcome),
  });
  return { reload: reloader.reload, applied, nextTold };
}

describe('hard case 24: a configuration that changes while the server runs', () => {
  it('takes effect where it can, and says what waits for a restart', async () => {
    write(fast('sim/echo'));
    const { reload, applied } = await start();
    write({ ...fast('sim/echo', 'openai/gpt-4o-mini'), server: { port: 9 }, gateway: { timeouts: { idleMs: 5 } } });
    expect(await reload()).toEqual({ ok: true, changed: ['routes', 'gateway'], needRestart: ['port'] });
    expect(applied).toHaveLength(1);
    expect(applied[0]?.routes.get('fast')?.targets).toHaveLength(2);
    expect(applied[0]).toMatchObject({ settings: { timeouts: { idleMs: 5 } }, port: 4400 });
    expect(await reload()).toEqual({ ok: true, changed: [], needRestart: ['port'] });
    expect(applied).toHaveLength(1);
  });

  it.each([
    ['text that is no JSON', '{"routes":', 'cannot be read'],
    ['a route to nowhere', fast('nobody/x'), 'nobody/x'],
    ['an unknown member', { rotues: {} }, 'rotues'],
  ])('is refused as a whole for %s, and the old one stays', async (_, config, part) => {
    write(fast('sim/echo'));
    const { reload, applied } = await start();
    write(config);
    const outcome = await reload();
    expect(outcome).toMatchObject({ ok: false, error: { code: 'config_invalid' } });
    expect(outcome.ok || outcome.error.message).toContain(part);
    expect(applied).toEqual([]);
    write(fast('sim/slow'));
    expect(await reload()).toMatchObject({ ok: true, changed: ['routes'] });
    expect(applied[0]?.routes.get('fast')?.targets[0]?.ref).toBe('sim/slow');
  });

  it('stays as it was when the file is gone, or when it cannot be put in force', async () => {
    write(fast('sim/echo'));
    const { reload, applied } = await start((config) => {
      if (config.routes.size === 0) throw new Error('boom');
    });
    renameSync(join(cwd, 'wheelhouse.config.json'), join(cwd, 'away.json'));
    expect(await reload()).toMatchObject({ ok: false, error: { message: expect.stringContaining('is gone') } });
    write({});
    expect(await reload()).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(applied).toEqual([]);
  });

  it('is seen without being asked, in the file and in .env beside it', async () => {
    write(fast('sim/echo'));
    const { applied, nextTold } = await start();
    const first = nextTold();
    write(fast('sim/slow'), 'new.json');
    renameSync(join(cwd, 'new.json'), join(cwd, 'wheelhouse.config.json'));
    expect(await first).toMatchObject({ ok: true, changed: ['routes'] });
    const second = nextTold();
    write('OPENAI_API_KEY=sk-1,sk-2\n', '.env');
    expect(await second).toMatchObject({ ok: true, changed: ['providers', 'defaultProvider'] });
    expect(applied[1]?.providers.find(({ name }) => name === 'openai')?.keys).toHaveLength(2);
  });
});
