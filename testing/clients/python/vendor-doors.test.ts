import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../../e2e/start-wheelhouse.ts';
import { startOpenAi } from '../../vendors/index.ts';
import { runGuideProgram } from './guide-program.ts';
import { runClient } from './run-client.ts';

const adminKey = 'a-key-of-more-than-24-characters';
/** 11 tokens in, of which 3 cached, and 7 out, of which 2 reasoning. */
const counts = { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 };
const said = (content: string) => ({ messages: [{ parts: [{ type: 'text', content }] }] });

/** Each guide's own program, as it stands there; only the environment says where everything is. */
describe('Python clients of other vendors', () => {
  let openai: Awaited<ReturnType<typeof startOpenAi>>;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  beforeAll(async () => {
    openai = await startOpenAi();
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
    await openai?.close();
  });

  /** Runs the page's program and gives the trace that came in the vendor's words. */
  async function run(page: string, dialect: string, env: Record<string, string>) {
    const finished = await runGuideProgram(page, { OPENAI_BASE_URL: openai.baseUrl, OPENAI_API_KEY: 'k', ...env });
    expect(finished).toMatchObject({ code: 0, stdout: 'Four.\n' });
    const found = async () =>
      (await house.client.call('listTraces', {})).data.find((trace) => trace.dialect === dialect);
    await expect.poll(found, { timeout: 20_000 }).toMatchObject({ spanCount: 2, inputTokens: 11, outputTokens: 7 });
    const traceId = (await found())?.traceId ?? '';
    const { trace, spans } = await house.client.call('getTrace', { params: { traceId } });
    const call = spans.find(({ kind }) => kind === 'generation');
    const span = await house.client.call('getSpan', { params: { traceId, spanId: call?.spanId ?? '' } });
    expect(span).toMatchObject({ input: said('What is two and two?'), output: said('Four.'), usage: { counts } });
    expect(span.parentSpanId).toBe(spans.find(({ parentSpanId }) => parentSpanId === null)?.spanId);
    expect(span.costNanoUsd).not.toBeNull();
    return { trace, scores: () => house.client.call('listScores', { query: { traceId } }) };
  }

  it('Langfuse, with a score', async () => {
    const { trace, scores } = await run('from-langfuse.md', 'langfuse', {
      LANGFUSE_BASE_URL: house.url,
      LANGFUSE_PUBLIC_KEY: 'pk',
      LANGFUSE_SECRET_KEY: adminKey,
    });
    expect(trace.name).toBe('answer');
    await expect
      .poll(async () => (await scores()).data, { timeout: 10_000 })
      .toMatchObject([{ name: 'helpful', value: true, spanId: null }]);
  });

  it('LangSmith', async () => {
    const { trace } = await run('from-langsmith.md', 'langsmith', {
      LANGSMITH_ENDPOINT: `${house.url}/langsmith`,
      LANGSMITH_API_KEY: adminKey,
      LANGSMITH_TRACING: 'true',
      LANGSMITH_PROJECT: 'shop',
    });
    expect(trace).toMatchObject({
      name: 'answer',
      sessionId: 'chat-1',
      userId: 'ann',
      service: 'shop',
      tags: ['beta'],
    });
  });

  const filesOf = async (traceId: string) =>
    (await house.client.call('listAttachments', { params: { traceId } })).data.map(({ name, type, bytes }) => ({
      name,
      type,
      bytes,
    }));

  it('Langfuse, with a picture in a message and a file beside', async () => {
    const printed = (await runClient('files/langfuse_media.py', {
      LANGFUSE_BASE_URL: house.url,
      LANGFUSE_PUBLIC_KEY: 'pk',
      LANGFUSE_SECRET_KEY: adminKey,
    })) as { trace: string };
    expect(printed).toMatchObject({ type: 'image/png', bytes: 3080 });
    expect(await filesOf(printed.trace)).toEqual(
      expect.arrayContaining([
        { name: 'input', type: 'image/png', bytes: 3080 },
        { name: 'metadata', type: 'text/plain', bytes: 10 },
      ]),
    );
  });

  it('Langfuse, with prompts that are kept and fetched', async () => {
    const printed = await runClient('files/langfuse_prompts.py', {
      LANGFUSE_BASE_URL: house.url,
      LANGFUSE_PUBLIC_KEY: 'pk',
      LANGFUSE_SECRET_KEY: adminKey,
    });
    expect(printed).toMatchObject({
      ...{ version: 1, config: { model: 'sim/echo', temperature: 0.2 }, fallback: true },
      chat: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      ...{ text: 'Greet Ida.', first: 'Greet {{name}}.' },
    });
  });

  it('LangSmith, with a file of a run', async () => {
    const printed = (await runClient('files/langsmith_files.py', {
      LANGSMITH_ENDPOINT: `${house.url}/langsmith`,
      LANGSMITH_API_KEY: adminKey,
      LANGSMITH_TRACING: 'true',
    })) as { trace: string };
    await expect
      .poll(() => filesOf(printed.trace), { timeout: 20_000 })
      .toEqual([{ name: 'report', type: 'application/pdf', bytes: 19 }]);
  });
});
