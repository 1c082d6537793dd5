import { WheelhouseError } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { reloadReport } from '../output/reload-report.ts';
import { plainStyle } from '../output/style.ts';
import { configReport } from './config-check.ts';

describe('wheelhouse config check', () => {
  it('shows who can be called, where each route goes, and no key', () => {
    const text = configReport(
      {
        file: '/app/wheelhouse.config.ts',
        listens: '127.0.0.1:4400',
        dir: '/app/.wheelhouse',
        defaultProvider: 'openai',
        providers: [
          {
            name: 'openai',
            baseUrl: 'https://api.openai.com/v1',
            keys: 2,
            callable: true,
            keyVariable: 'OPENAI_API_KEY',
          },
          { name: 'groq', baseUrl: 'https://api.groq.com', keys: 0, callable: false, keyVariable: 'GROQ_API_KEY' },
          { name: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', keys: 0, callable: true, keyVariable: '' },
        ],
        routes: [
          {
            name: 'fast',
            strategy: 'weighted',
            targets: [
              { ref: 'openai/gpt-4o-mini', weight: 9, priority: 0, callable: true },
              { ref: 'groq/llama', weight: 1, priority: 1, callable: false },
            ],
          },
        ],
      },
      plainStyle,
    );
    const lines = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'openai | https://api.openai.com/v1 | 2 keys',
        'groq | https://api.groq.com | GROQ_API_KEY not set',
        'ollama | http://127.0.0.1:11434/v1 | none needed',
        'fast | weighted | openai/gpt-4o-mini | 9',
        'groq/llama | 1 | 1 | no key',
      ]),
    );
  });
});

describe('a configuration that changed', () => {
  it('is told in a line, with what waits for a restart', () => {
    expect(reloadReport({ ok: true, changed: ['routes'], needRestart: ['port'] }, plainStyle)).toBe(
      '  ✓ configuration in force: routes   after a restart: port\n',
    );
    expect(reloadReport({ ok: true, changed: [], needRestart: [] }, plainStyle)).toContain('unchanged');
  });

  it('is told with its reason when it was refused', () => {
    const error = new WheelhouseError('config_invalid', 'routes.fast: no\u001b[31m such');
    const text = reloadReport({ ok: false, error }, plainStyle);
    expect(text).toContain('✕ routes.fast: no[31m such');
    expect(text).toContain('still is');
  });
});
