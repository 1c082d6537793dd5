import type { Content, Json, Message, ProjectId, Span, SpanId, TraceId } from '@wheelhouse/core/records';

/**
 * A fixed workload: an agent of 40 steps that resends its history. Each step is a call of a model, which gets a system
 * prompt, the definitions of twelve tools, and every message so far, and a call of a tool, which returns a page of 2 to
 * 12 KB. Spans come as an OpenTelemetry instrumentation would send them: the messages are also in the raw attributes.
 */
const steps = 40;

const words =
  'the of and to in is that for it was on are as with at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who its now find long down day did get come made may part over new sound take only little work know place year live me back give most very after thing our just name good sentence man think say great where help through much before line right too mean old any same tell boy follow came want show also around form three small set put end does another well large must big even such because turn here why ask went men read need land different home us move try kind hand picture again change off play spell air away animal house point page letter mother answer found study still learn should world'.split(
    ' ',
  );

/** Always the same numbers for the same seed (a linear congruential generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Common words are common, as they are in texts, and each text has names and numbers of its own. */
function prose(random: (below: number) => number, length: number): string {
  let text = '';
  while (text.length < length) {
    const rank = Math.floor(words.length ** (random(10_000) / 10_000));
    text += random(12) === 0 ? `${random(1_000_000).toString(36)}-${random(10_000)}` : words[rank - 1];
    text += random(14) === 0 ? '.\n' : ' ';
  }
  return text;
}

const message = (role: string, part: Json): Message => ({ role, parts: [part as Message['parts'][number]] });

function toolDefinitions(random: (below: number) => number): Json {
  return Array.from({ length: 12 }, (_, n) => ({
    type: 'function',
    name: `tool_${n}`,
    description: prose(random, 300),
    parameters: {
      type: 'object',
      properties: { query: { type: 'string', description: prose(random, 80) }, limit: { type: 'integer' } },
      required: ['query'],
    },
  }));
}

const blankSpan = (projectId: ProjectId, traceId: TraceId, spanId: SpanId): Span => ({
  projectId,
  traceId,
  spanId,
  parentSpanId: null,
  kind: 'span',
  name: '',
  startNs: 0n,
  endNs: null,
  firstTokenNs: null,
  status: 'ok',
  statusMessage: null,
  provider: null,
  requestModel: null,
  responseModel: null,
  responseId: null,
  model: null,
  params: null,
  finishReasons: [],
  input: null,
  output: null,
  toolDefinitions: null,
  toolCall: null,
  documents: [],
  usage: null,
  cost: null,
  emitterCostNanoUsd: null,
  sessionId: null,
  userId: null,
  environment: 'production',
  release: '1.4.2',
  tags: [],
  metadata: {},
  run: null,
  dialect: 'otel-genai',
  normalizer: 1,
  service: 'research-agent',
  attributes: {},
  events: [],
});

/** @param seed another trace for each */
export function agentTrace(projectId: ProjectId, seed: number, startNs: bigint): Span[] {
  const random = numbers(seed);
  // What is the same in every trace of the agent.
  const fixed = numbers(7);
  const system = message('system', { type: 'text', content: prose(fixed, 4_000) });
  const tools = toolDefinitions(fixed);
  const hex = (digits: number) => Array.from({ length: digits }, () => random(16).toString(16)).join('');
  const traceId = hex(32) as TraceId;
  const root = hex(16) as SpanId;
  const resource = {
    'service.name': 'research-agent',
    'service.version': '1.4.2',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'python',
    'telemetry.sdk.version': '1.38.0',
  };
  const history: Message[] = [system, message('user', { type: 'text', content: prose(random, 600) })];
  const question: Content = { type: 'messages', messages: history.slice(1) };
  const spans: Span[] = [];
  let at = startNs;
  for (let step = 0; step < steps; step++) {
    const last = step === steps - 1;
    const id = `call_${hex(24)}`;
    const call = { query: prose(random, 60), limit: 10 };
    const answer: Message = last
      ? message('assistant', { type: 'text', content: prose(random, 1_500) })
      : {
          role: 'assistant',
          parts: [
            { type: 'text', content: prose(random, 200) },
            { type: 'tool_call', id, name: `tool_${step % 12}`, arguments: call },
          ],
        };
    const input: Content = { type: 'messages', messages: [...history] };
    const output: Content = { type: 'messages', messages: [answer] };
    spans.push({
      ...blankSpan(projectId, traceId, hex(16) as SpanId),
      parentSpanId: root,
      kind: 'generation',
      name: 'chat gpt-4o',
      startNs: at,
      endNs: at + 2_000_000_000n,
      provider: 'openai',
      requestModel: 'gpt-4o',
      responseModel: 'gpt-4o-2024-08-06',
      responseId: `chatcmpl-${hex(24)}`,
      usage: {
        counts: { inputUncached: 900 + random(500), cacheRead: step * 1_500, outputText: 80 },
        source: 'emitter',
      },
      input,
      output,
      toolDefinitions: tools,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.input.messages': JSON.stringify(input.messages),
        'gen_ai.output.messages': JSON.stringify(output.messages),
        'gen_ai.tool.definitions': JSON.stringify(tools),
        'otel.resource': resource,
      },
    });
    history.push(answer);
    at += 2_000_000_000n;
    if (last) break;
    const result = prose(random, 2_000 + random(10_000));
    spans.push({
      ...blankSpan(projectId, traceId, hex(16) as SpanId),
      parentSpanId: root,
      kind: 'tool',
      name: `execute_tool tool_${step % 12}`,
      startNs: at,
      endNs: at + 500_000_000n,
      input: { type: 'json', value: call },
      output: { type: 'json', value: result },
      toolCall: { id, name: `tool_${step % 12}`, arguments: call, result },
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.call.id': id,
        'gen_ai.tool.call.arguments': JSON.stringify(call),
        'gen_ai.tool.call.result': result,
        'otel.resource': resource,
      },
    });
    history.push(message('tool', { type: 'tool_call_response', id, response: result }));
    at += 500_000_000n;
  }
  const answer = spans.at(-1)?.output ?? null;
  return [
    {
      ...blankSpan(projectId, traceId, root),
      kind: 'agent',
      name: 'invoke_agent research',
      startNs,
      endNs: at,
      sessionId: `session-${seed}`,
      userId: `user-${seed % 17}`,
      input: question,
      output: answer,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'otel.resource': resource },
    },
    ...spans,
  ];
}
