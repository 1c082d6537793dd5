import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as traces } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

type Gzip = NonNullable<NonNullable<ConstructorParameters<typeof ProtoExporter>[0]>['compression']>;
const gzip = 'gzip' as Gzip;

const messages = (role: string, content: string) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

/** An agent that calls a model once, reported as an application would. Resolves when the exporter got its answer. */
async function exportAgentRun(exporter: SpanExporter, question: string): Promise<string> {
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('e2e');
  const agent = tracer.startSpan('invoke_agent helper', {
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' },
  });
  const call = tracer.startSpan(
    'chat gpt-4o-mini',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 200,
        'gen_ai.input.messages': messages('user', question),
        'gen_ai.output.messages': messages('assistant', 'Yes.'),
      },
    },
    traces.setSpan(ROOT_CONTEXT, agent),
  );
  call.setStatus({ code: SpanStatusCode.OK });
  call.end();
  agent.end();
  await provider.forceFlush();
  await provider.shutdown();
  return agent.spanContext().traceId;
}

describe('the OpenTelemetry SDK as a client', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  const exporters = {
    protobuf: (url: string) => new ProtoExporter({ url }),
    'protobuf, gzip': (url: string) => new ProtoExporter({ url, compression: gzip }),
    JSON: (url: string) => new JsonExporter({ url }),
    'JSON, gzip': (url: string) => new JsonExporter({ url, compression: gzip }),
  };

  it.each(Object.entries(exporters))(
    'exports %s; the trace is there as soon as the exporter was answered',
    async (name, create) => {
      const traceId = await exportAgentRun(create(`${house.url}/v1/traces`), `Is it ${name}?`);
      const { trace, spans } = await house.client.call('getTrace', { params: { traceId } });
      expect(trace).toMatchObject({
        name: 'invoke_agent helper',
        spanCount: 2,
        errorCount: 0,
        inputPreview: `Is it ${name}?`,
        outputPreview: 'Yes.',
        inputTokens: 1000,
        outputTokens: 200,
      });
      expect(trace.endNs).not.toBeNull();
      const agent = spans.find(({ kind }) => kind === 'agent');
      const call = spans.find(({ kind }) => kind === 'generation');
      expect(agent).toMatchObject({ name: 'invoke_agent helper', parentSpanId: null });
      expect(call).toMatchObject({
        kind: 'generation',
        parentSpanId: agent?.spanId,
        provider: 'openai',
        requestModel: 'gpt-4o-mini',
        usage: { counts: { inputUncached: 1000, outputText: 200 }, source: 'emitter' },
      });
      // gpt-4o-mini: $0.15 and $0.60 per million tokens.
      expect(call?.costNanoUsd).toBe('270000');
      expect(trace.costNanoUsd).toBe('270000');
    },
  );

  it('keeps what was acknowledged when the server is killed, and starts again on the same directory', async () => {
    const traceId = await exportAgentRun(new ProtoExporter({ url: `${house.url}/v1/traces` }), 'Survives?');
    await house.stop('SIGKILL');
    house = await startWheelhouse({ folder: folder.path });
    const { trace } = await house.client.call('getTrace', { params: { traceId } });
    expect(trace).toMatchObject({ inputPreview: 'Survives?', spanCount: 2 });
  });
});
