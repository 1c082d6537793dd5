import type { ProviderBody } from '@wheelhouse/sdk';
import { expect, it } from 'vitest';
import { plainStyle } from '../output/style.ts';
import { providerReport } from './providers.ts';

const provider = (more: Partial<ProviderBody>): ProviderBody => ({
  ...{ name: 'openai', title: 'OpenAI', vendor: 'openai', baseUrl: 'https://api.openai.com/v1', from: 'server' },
  ...{ chosen: true, keyNeeded: true, keyVariable: 'OPENAI_API_KEY', dialects: [], embeddings: true, keys: [] },
  ...more,
});
const key = (more: Partial<ProviderBody['keys'][number]>): ProviderBody['keys'][number] => ({
  ...{ id: 'openai#1', label: 'OPENAI_API_KEY', last4: 'abcd', from: 'server', state: 'ready' },
  ...{ createdBy: null, createdAt: null },
  ...more,
});

it('prints providers with what may be shown of their keys', () => {
  const stored = { id: 'pk_1', from: 'project', label: 'main\u001b[31m', last4: 'wxyz' } as const;
  expect(
    providerReport(
      [
        provider({ keys: [key({})] }),
        provider({
          name: 'groq',
          title: 'Groq',
          keys: [key(stored), key({ ...stored, id: 'pk_2', state: 'unreadable' })],
        }),
        provider({ name: 'mistral', title: 'Mistral', keyVariable: 'MISTRAL_API_KEY' }),
        provider({ name: 'mine', title: 'Mine', from: 'project', keyVariable: null }),
        provider({ name: 'sim', title: 'Simulated model', baseUrl: null, keyNeeded: false }),
      ],
      plainStyle,
    ),
  ).toBe(
    [
      '  PROVIDER   VENDOR            ADDRESS                     SET UP BY   KEYS',
      '  openai     OpenAI            https://api.openai.com/v1   server      openai#1 …abcd',
      '  groq       Groq              https://api.openai.com/v1   server      pk_1 …wxyz main[31m, pk_2 …wxyz main[31m (unreadable)',
      '  mistral    Mistral           https://api.openai.com/v1   server      no key: set MISTRAL_API_KEY',
      '  mine       Mine              https://api.openai.com/v1   project     no key',
      '  sim        Simulated model   in this server              server      needs none',
      '',
    ].join('\n'),
  );
});
