import type { Client } from '@wheelhouse/sdk';

type Value =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: Value[] } };
type Step = {
  name: string;
  afterMs: number;
  forMs: number;
  attributes: Record<string, string | number | string[]>;
  error?: string;
};

/** A morning of traffic, always the same, so that pictures of the pages change only when the pages do. */
const morning = Date.UTC(2026, 10, 20, 9, 14, 2);

const firstAgentRun = 3;
const questions: [string, string, string?][] = [
  [
    'Can I return a sale item after 30 days?',
    'Sale items can be returned within 30 days of delivery, with the receipt.',
  ],
  ['How do I change my billing address?', 'Open Account → Billing, choose Edit, and save the new address.'],
  ['Do you ship to Norway?', 'Yes. Delivery to Norway takes 4 to 6 working days and costs €9.'],
  [
    'My order says delivered but I have nothing',
    'I am sorry. I have opened a search with the carrier; you hear from us within two days.',
  ],
  ['Which payment methods do you take?', 'Cards, PayPal and bank transfer.'],
  ['Cancel my subscription please', '', 'Provider answered 529: overloaded'],
  ['Is the blue one back in stock soon?', 'The blue one is expected on 3 December. Shall I note your address?'],
  ['The invoice has the wrong VAT number', 'Send us the right number and we issue a corrected invoice today.'],
];

const text = (role: string, content: string) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
const value = (from: string | number | string[]): Value => {
  if (Array.isArray(from)) return { arrayValue: { values: from.map((one) => ({ stringValue: one })) } };
  if (typeof from === 'string') return { stringValue: from };
  return Number.isInteger(from) ? { intValue: String(from) } : { doubleValue: from };
};

function chat(
  question: string,
  answer: string,
  more: { afterMs: number; forMs: number; error?: string | undefined },
): Step {
  const { error, ...times } = more;
  return {
    name: 'chat gpt-4o-mini',
    ...times,
    ...(error === undefined ? {} : { error }),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'gen_ai.usage.input_tokens': 180 + question.length,
      'gen_ai.usage.output_tokens': answer.length,
      'gen_ai.response.time_to_first_chunk': more.forMs / 4000,
      'gen_ai.input.messages': text('user', question),
      ...(answer
        ? { 'gen_ai.output.messages': text('assistant', answer), 'gen_ai.response.finish_reasons': ['stop'] }
        : {}),
    },
  };
}

function agentRun(question: string, answer: string): Step[] {
  const tool = (name: string, afterMs: number, forMs: number): Step => ({
    name: `execute_tool ${name}`,
    afterMs,
    forMs,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.arguments': '{"order":"A-1042"}',
      'gen_ai.tool.call.result': '{"status":"in transit","carrier":"PostNord"}',
    },
  });
  return [
    {
      name: 'invoke_agent support',
      afterMs: 0,
      forMs: 2310,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'support',
        'gen_ai.input.messages': text('user', question),
        'gen_ai.output.messages': text('assistant', answer),
      },
    },
    chat(question, 'Let me look at the order.', { afterMs: 12, forMs: 640 }),
    tool('find_order', 660, 310),
    tool('track_parcel', 980, 420),
    chat(question, answer, { afterMs: 1420, forMs: 880 }),
  ];
}

const traceIdOf = (index: number) => (index + 1).toString(16).padStart(32, '7');
const spanIdOf = (index: number, step: number) => (index * 100 + step + 1).toString(16).padStart(16, '5');

const people = ['ada', 'grace', 'linus', 'barbara'];

/** Who asked, in which conversation: four questions each. */
const whoOf = (index: number): Step['attributes'] => ({
  'session.id': `chat-${101 + Math.floor(index / 4)}`,
  'user.id': people[Math.floor(index / 4) % people.length] ?? '',
});

function spansOf(steps: Step[], index: number): object[] {
  const traceId = traceIdOf(index);
  const start = BigInt(morning + index * 47_300) * 1_000_000n;
  return steps.map((step, i) => ({
    traceId,
    spanId: spanIdOf(index, i),
    ...(i === 0 ? {} : { parentSpanId: spanIdOf(index, 0) }),
    name: step.name,
    kind: i === 0 && steps.length > 1 ? 1 : 3,
    startTimeUnixNano: String(start + BigInt(step.afterMs) * 1_000_000n),
    endTimeUnixNano: String(start + BigInt(step.afterMs + step.forMs) * 1_000_000n),
    attributes: Object.entries({ ...step.attributes, ...(i === 0 ? whoOf(index) : {}) }).map(([key, from]) => ({
      key,
      value: value(from),
    })),
    status: step.error === undefined ? { code: 1 } : { code: 2, message: step.error },
  }));
}

async function sendTraffic(url: string): Promise<void> {
  const spans = Array.from({ length: 24 }, (_, i) => {
    const [question, answer, error] = questions[i % questions.length] ?? ['', ''];
    const steps =
      i % 8 === firstAgentRun
        ? agentRun(question, answer)
        : [chat(question, answer, { afterMs: 0, forMs: 420 + ((i * 137) % 900), error })];
    return spansOf(steps, i);
  }).flat();
  const about = {
    'service.name': 'support-api',
    'service.version': '2026.11.3',
    'deployment.environment.name': 'production',
  };
  const resource = { attributes: Object.entries(about).map(([key, from]) => ({ key, value: value(from) })) };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'seed' }, spans }] }] });
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!response.ok) throw new Error(`POST /v1/traces: ${response.status} ${await response.text()}`);
}

const rules = (lines: [string, string][]) =>
  lines.map(([word, answer]) => `If asked about ${word}, answer: ${answer}`).join('\n');
const words = ['sale', 'billing', 'Norway', 'delivered', 'payment', 'subscription', 'blue', 'invoice'];
const expected = questions.map(
  ([, answer]) => answer || 'It is cancelled; you keep access until the end of the month.',
);
const rulesFor = (places: number[]) => rules(places.map((i) => [words[i] ?? '', expected[i] ?? '']));

async function publishModel(client: Client): Promise<void> {
  const start = 'You answer for a small shop. Be short and kind.';
  const version = (system: string, message: string) => ({
    definition: {
      flavor: 'prompt' as const,
      baseModel: 'sim/rules',
      messages: [{ role: 'system' as const, content: `${start}\n${system}` }],
      parameters: { temperature: 0.2 },
    },
    message,
  });
  const name = 'support-bot';
  const first = version(rulesFor([0, 1, 4]), 'First version');
  await client.call('createModel', { body: { name, description: 'Answers customers of the shop', version: first } });
  const second = version(rulesFor([0, 1, 2, 3, 6, 7]), 'Knows deliveries and invoices');
  await client.call('createVersion', { params: { name }, body: second });
  await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
  await client.call('moveAlias', { params: { name, alias: 'staging' }, body: { version: 2 } });
}

async function compare(client: Client): Promise<string> {
  const name = 'support-golden';
  await client.call('createDataset', { body: { name, description: 'Real questions with the answers we want' } });
  const examples = Array.from({ length: 24 }, (_, i) => {
    const [question = ''] = questions[i % questions.length] ?? [];
    return {
      input: i < questions.length ? question : `${question} (asked again, ${i})`,
      expected: expected[i % questions.length],
    };
  });
  await client.call('addExamples', { params: { name }, body: { examples } });
  await client.call('freezeDataset', { params: { name } });
  const runs = [{ ref: 'support-bot@production' }, { ref: 'support-bot@staging' }];
  const { id } = await client.call('createEvaluation', { body: { dataset: name, runs } });
  return id;
}

export type Seeded = {
  /** An agent's trace. */
  traceId: string;
  /** Its last call of a model. */
  spanId: string;
  evaluationId: string;
  sessionId: string;
};

/** Fills an empty server with a small shop's morning: traffic, a model, a dataset, an evaluation. */
export async function seed(url: string, client: Client): Promise<Seeded> {
  await sendTraffic(url);
  const traceId = traceIdOf(firstAgentRun);
  await client.call('createScore', { body: { traceId, name: 'thumbs', value: true, source: 'user' } });
  for (let i = 0; i < 24; i += 2) {
    const body = {
      traceId: traceIdOf(i),
      name: 'grounded',
      value: 0.55 + ((i * 7) % 10) / 22,
      source: 'judge' as const,
    };
    await client.call('createScore', { body });
  }
  await publishModel(client);
  return { traceId, spanId: spanIdOf(firstAgentRun, 4), evaluationId: await compare(client), sessionId: 'chat-101' };
}
