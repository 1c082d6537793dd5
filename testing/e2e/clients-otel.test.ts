import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, counts, four, type GuideHouse, startGuideHouse } from './guide-house.ts';

/** Each guide's own program, as it stands there; only the environment says where everything is. */
describe('clients traced by others, exporting here', () => {
  let guides: GuideHouse;
  beforeAll(async () => {
    guides = await startGuideHouse();
  });
  afterAll(() => guides?.stop());

  const call = { kind: 'generation', provider: 'openai', parentSpanId: null, input: asked, output: four };

  it('OpenInference', async () => {
    const { trace, spans } = await guides.run('trace-openinference.md', { spans: 1 });
    expect(spans).toMatchObject([{ ...call, dialect: 'openinference', usage: { counts } }]);
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 7 });
  });

  it('Traceloop', async () => {
    const { trace, spans } = await guides.run('trace-traceloop.md', { spans: 1 });
    expect(spans).toMatchObject([{ ...call, dialect: 'traceloop' }]);
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 7 });
  });

  it('OpenTelemetry’s own, with what was said in log records', async () => {
    const { trace } = await guides.run('trace-opentelemetry.md', { spans: 1 });
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 7 });
    const read = async () => (await guides.read(trace.traceId)).spans[0];
    await expect.poll(read, { timeout: 30_000 }).toMatchObject(call);
  });
});
