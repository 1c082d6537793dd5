import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../../e2e/start-wheelhouse.ts';
import { startOpenAi } from '../../vendors/index.ts';
import { runGuideProgram } from './guide-program.ts';
import { startRecorder } from './recorder.ts';

const text = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
const asked = { type: 'messages', messages: [text('user', 'What is two and two?')] };
const four = { messages: [text('assistant', 'Four.')] };
/** 11 tokens in, of which 3 cached, and 7 out, of which 2 reasoning. */
const counts = { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 };
const tokens = { inputTokens: 11, outputTokens: 7 };

const toEndpoint = (url: string): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
const tracesTo = (url: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
});

/** Each guide's own program, as it stands there; only the environment says where everything is. */
describe('Python clients that export OTLP', () => {
  let openai: Awaited<ReturnType<typeof startOpenAi>>;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  beforeAll(async () => {
    openai = await startOpenAi();
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
    await openai?.close();
  });

  /** Runs the page's program and gives the one trace that it made. */
  async function run(page: string, spanCount: number, exportTo = toEndpoint, environment?: string) {
    const before = new Set((await house.client.call('listTraces', {})).data.map(({ traceId }) => traceId));
    const recorder = await startRecorder(`python-${page.replace(/^trace-python-|\.md$/g, '')}`, house.url);
    const finished = await runGuideProgram(
      page,
      {
        OPENAI_BASE_URL: openai.baseUrl,
        OPENAI_API_KEY: 'k',
        ...exportTo(recorder.url),
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
        TRACELOOP_BASE_URL: recorder.url,
        TRACELOOP_API_KEY: 'k',
        TRACELOOP_TELEMETRY: 'false',
      },
      environment,
    );
    await recorder.close();
    expect(finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/(^|\n)Four\.\n$/) });
    const found = async () =>
      (await house.client.call('listTraces', {})).data.filter(({ traceId }) => !before.has(traceId));
    await expect
      .poll(async () => (await found()).map((trace) => trace.spanCount), { timeout: 20_000 })
      .toEqual([spanCount]);
    const traceId = (await found())[0]?.traceId ?? '';
    const { trace, spans } = await house.client.call('getTrace', { params: { traceId } });
    const whole = spans.map(({ spanId }) => house.client.call('getSpan', { params: { traceId, spanId } }));
    return { trace, spans: await Promise.all(whole) };
  }

  it('OpenInference', async () => {
    const { trace, spans } = await run('trace-python-openinference.md', 1);
    expect(spans).toMatchObject([
      {
        kind: 'generation',
        dialect: 'openinference',
        provider: 'openai',
        input: asked,
        output: four,
        usage: { counts },
      },
    ]);
    expect(trace).toMatchObject(tokens);
  });

  it('LangGraph', async () => {
    const { trace, spans } = await run('trace-python-langgraph.md', 7);
    expect(spans.filter(({ kind }) => kind === 'tool')).toMatchObject([{ toolCall: { name: 'weather' } }]);
    const calls = spans.filter(({ kind }) => kind === 'generation');
    expect(calls.map(({ usage }) => usage?.counts)).toMatchObject([counts, counts]);
    expect(calls[1]).toMatchObject({ output: four, toolDefinitions: expect.anything() });
    expect(trace).toMatchObject({ sessionId: 's-1', inputTokens: 22, outputTokens: 14 });
  });

  it('Traceloop', async () => {
    const { trace, spans } = await run('trace-python-traceloop.md', 2);
    expect(spans.find(({ kind }) => kind === 'generation')).toMatchObject({ dialect: 'traceloop', output: four });
    expect(trace).toMatchObject({ ...tokens, name: 'ask.workflow', sessionId: 's-1', userId: 'u-1' });
  });

  it('MLflow', async () => {
    const { trace, spans } = await run('trace-python-mlflow.md', 2, tracesTo, 'python-mlflow');
    const call = spans.find(({ kind }) => kind === 'generation');
    expect(call).toMatchObject({
      dialect: 'mlflow',
      provider: 'openai',
      input: asked,
      output: four,
      usage: { counts },
    });
    expect(call?.costNanoUsd).not.toBeNull();
    expect(trace).toMatchObject({ ...tokens, name: 'answer', sessionId: 's-1', userId: 'u-1' });
  });

  it('OpenTelemetry, with what was said in log records', async () => {
    const { spans } = await run('trace-python-opentelemetry.md', 1);
    expect(spans).toMatchObject([
      { kind: 'generation', name: 'chat gpt-4o-mini', input: asked, output: { messages: [{ finishReason: 'stop' }] } },
    ]);
  });
});
