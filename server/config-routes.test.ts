import { defaultSettings } from '@wheelhouse/core/route';
import { describe, expect, it } from 'vitest';
import { gatewaySection, readGateway, readRoutes, routesSection } from './config-routes.ts';

const read = (routes: unknown, defaultProvider: string | null = null) =>
  readRoutes(routesSection.parse(routes), {
    providers: new Set(['openai', 'groq', 'sim']),
    defaultProvider,
    settings: defaultSettings,
  });

describe('routes of the configuration', () => {
  it('are a list of models in order', () => {
    const fast = read({ fast: { targets: ['openai/gpt-4o-mini', 'groq/org/llama'] } }).get('fast');
    expect(fast?.targets.map(({ provider, vendorModel }) => [provider, vendorModel])).toEqual([
      ['openai', 'gpt-4o-mini'],
      ['groq', 'org/llama'],
    ]);
    expect(fast?.settings).toEqual({ ...defaultSettings, strategy: 'priority' });
  });

  it('share calls by weight where weights are said', () => {
    const route = read({
      r: {
        targets: [
          { model: 'openai/a', weight: 9 },
          { model: 'groq/b', weight: 1, priority: 2, after: ['timeout'] },
        ],
      },
    }).get('r');
    expect(route?.settings.strategy).toBe('weighted');
    expect(route?.targets[1]).toMatchObject({ weight: 1, priority: 2, after: ['timeout'] });
  });

  it('say only what differs from what holds for all calls', () => {
    const { settings } = readGateway(
      gatewaySection.parse({ timeouts: { idleMs: 7 }, retries: { attempts: 3 }, hedgeAfterMs: 900 }),
    );
    const routes = routesSection.parse({
      r: { targets: ['sim/echo'], timeouts: { totalMs: 9 }, hedgeAfterMs: null, shadow: { model: 'sim/slow' } },
    });
    const own = readRoutes(routes, { providers: new Set(['sim']), defaultProvider: null, settings }).get('r')?.settings;
    expect(own?.timeouts).toEqual({ ...defaultSettings.timeouts, idleMs: 7, totalMs: 9 });
    expect(own?.retries.attempts).toBe(3);
    expect(own?.hedgeAfterMs).toBeNull();
    expect(own?.shadow).toMatchObject({ target: { ref: 'sim/slow' }, share: 1 });
  });

  it('take a model without a provider to the default provider', () => {
    expect(read({ r: { targets: ['gpt-4o'] } }, 'openai').get('r')?.targets[0]?.ref).toBe('openai/gpt-4o');
  });

  it.each([
    [{ r: { targets: ['nobody/x'] } }, 'nobody/x'],
    [{ r: { targets: ['openai/'] } }, 'openai/'],
    [{ r: { targets: ['openai/a', 'openai/a'] } }, 'twice'],
    [{ r: { targets: [{ model: 'openai/a', after: ['timeout'] }] } }, 'wait for another'],
    [{ r: { targets: ['sim/echo'], shadow: { model: 'x/y' } } }, 'routes.r.shadow.model'],
  ])('%j is refused with a sentence', (routes, part) => {
    expect(() => read(routes)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(part) }),
    );
  });

  it.each([
    { 'a/b': { targets: ['sim/echo'] } },
    { r: { targets: [] } },
    { r: { targets: ['sim/echo'], strategy: 'random' } },
    { r: { targets: ['sim/echo'], fallbackOn: ['rain'] } },
    { r: { targets: ['sim/echo'], retry: {} } },
    { r: { targets: [{ model: 'sim/echo', weight: -1 }] } },
  ])('%j is no route', (routes) => {
    expect(routesSection.safeParse(routes).success).toBe(false);
  });
});
