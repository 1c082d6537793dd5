import { type Actor, defaultProjectId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createDraftHandlers } from './draft-handlers.ts';

const by = { project: defaultProjectId, actor: 'local' } as Actor;
const { readDraft } = createDraftHandlers({ checker: createSchemaChecker(), find: () => () => null });

const draft = (content: string) => ({
  flavor: 'prompt' as const,
  baseModel: 'sim/echo',
  messages: [{ role: 'system' as const, content }],
  parameters: { temperature: 0 },
});
const read = (content: string, input?: Record<string, unknown>) =>
  readDraft({
    by,
    params: {},
    query: undefined,
    body: { definition: draft(content), ...(input === undefined ? {} : { input }) },
  });

describe('a definition that is no version yet', () => {
  it('says what it takes', async () => {
    expect(await read('Be {{tone}}.')).toMatchObject({
      signature: { input: { properties: { tone: { type: 'string' } }, required: ['tone'] } },
      request: null,
    });
  });

  it('says what it would ask', async () => {
    expect((await read('Be {{tone}}.', { tone: '{{kind}}' })).request).toEqual({
      baseModel: 'sim/echo',
      messages: [{ role: 'system', content: 'Be {{kind}}.' }],
      parameters: { temperature: 0 },
    });
  });

  it('is checked as a version would be', async () => {
    await expect(read('Be {{tone}}.', {})).rejects.toMatchObject({ code: 'signature_mismatch' });
    await expect(read('Be {{#tone}}.')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('asks no base model where it is more than one call', async () => {
    const definition = { flavor: 'endpoint' as const, url: 'https://api.example.com', method: 'POST' as const };
    const body = { definition: { ...definition, headers: {}, timeoutMs: 1_000 }, input: {} };
    expect((await readDraft({ by, params: {}, query: undefined, body })).request).toBeNull();
  });
});
