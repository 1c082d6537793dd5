import { flavorOf, modelDefinition } from '@wheelhouse/core/model';
import type { Provider, SchemaChecker } from '@wheelhouse/core/ports';
import { defaultProjectId, type JsonObject, type Model, type ModelVersion } from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { createTasks } from '@wheelhouse/server/gateway/index';
import { createSchemaChecker } from '@wheelhouse/server/tools/schema-checker';
import { figure, measured, quantile, spread } from './measure.ts';
import type { Report } from './report.ts';

const warmUp = 5_000;
const calls = 20_000;
const goalMicroseconds = 100;

type Case = { name: string; body: object };
type Times = { p50: number; p99: number };

const articles = Array.from({ length: 40 }, (_, i) => `§${i} ${'Returns are free within thirty days. '.repeat(12)}`);

/** Definitions by the name that calls them, each as people publish it. */
const definitions: Record<string, object> = {
  short: {
    flavor: 'prompt',
    baseModel: 'vendor/m',
    messages: [{ role: 'system', content: 'You help {{customer}} of {{company}} in {{language}}.' }],
    parameters: { temperature: 0.2 },
  },
  house: { flavor: 'prompt', baseModel: 'vendor/m', template: 'Be kind. Answer in {{language}}.' },
  long: {
    flavor: 'prompt',
    baseModel: 'vendor/m',
    messages: [
      { role: 'system', content: '{{>house@production}}\n{{>rules}}' },
      {
        examples: [1, 2, 3, 4].map((n) => ({ input: { q: `Question ${n}?` }, output: `Answer ${n}.` })),
        user: '{{q}}',
      },
      { role: 'user', content: '{{#articles}}- {{.}}\n{{/articles}}Now help {{customer}}.' },
    ],
    partials: { rules: 'Cite the article. {{#strict}}Never guess.{{/strict}}' },
    parameters: { temperature: 0.2, max_tokens: 400 },
  },
};

const question = [{ role: 'user', content: 'Where is my order? It was to arrive on Monday.' }];
const cases: Case[] = [
  {
    name: 'one message, three variables',
    body: {
      model: 'short@production',
      messages: question,
      variables: { customer: 'Ann', company: 'Acme', language: 'French' },
    },
  },
  {
    name: 'partials, a prompt inside, examples, a list',
    body: {
      model: 'long@production',
      messages: question,
      variables: { customer: 'Ann', language: 'French', strict: true, articles },
    },
  },
];

function openTable(checker: SchemaChecker): RouteTable {
  const models = new Map<string, { model: Model; versions: Map<number, ModelVersion> }>();
  const find = (name: string) => models.get(name) ?? null;
  const context = { checker, find: (ref: string) => find(ref.split('@')[0] ?? '')?.versions.get(1) ?? null };
  for (const [name, given] of Object.entries(definitions)) {
    const definition = modelDefinition.parse(given);
    const signature = flavorOf(definition).infer(definition, context);
    const version = { number: 1, definition, signature } as unknown as ModelVersion;
    const model = { name, latest: 1, aliases: [{ alias: 'production', version: 1, movedAt: '' }] } as unknown as Model;
    models.set(name, { model, versions: new Map([[1, version]]) });
  }
  const providers = new Set(['vendor']);
  return { providers, routes: new Map(), settings: defaultSettings, providerOf: () => null, find };
}

const vendor = {
  name: 'vendor',
  endpoints: [
    { dialect: 'openai-chat', path: () => '/chat/completions', capabilities: { refuses: [], needsMaxTokens: null } },
  ],
} as unknown as Provider;

type Way = (text: string) => { sent: Uint8Array };

/** From the bytes of a request to the bytes for the vendor: resolve, check, render, compose. */
function openWay(checker: SchemaChecker, table: RouteTable): Way {
  const tasks = createTasks({
    ...{ routes: () => table, checker, nowMs: () => 0 },
    random: { bytes: (count) => new Uint8Array(count) },
  });
  return (text) => {
    const task = tasks.conversation(defaultProjectId, { dialect: 'openai-chat', text, headers: {} });
    const [target] = task.target.route.targets;
    const sent = target === undefined ? null : task.compose(vendor, target).body;
    if (sent === null) throw new Error('Nothing would be sent.');
    return { sent };
  };
}

/** The same words to the base model, as an app sends them that has its prompts in its own code. */
function rawOf(way: Way, text: string): string {
  const body = JSON.parse(Buffer.from(way(text).sent).toString('utf8')) as JsonObject;
  return JSON.stringify({ ...body, model: 'vendor/m' });
}

function timesOf(way: Way, text: string): { p50: number; p99: number } {
  const times: number[] = [];
  for (let i = -warmUp; i < calls; i++) {
    const startedAt = performance.now();
    way(text);
    if (i >= 0) times.push((performance.now() - startedAt) * 1_000);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** What naming a registered prompt costs a call, above sending the same words to its base model. */
export async function measureModels({ rounds }: { rounds: number }): Promise<Report> {
  const checker = createSchemaChecker();
  const way = openWay(checker, openTable(checker));
  const taken = cases.map(({ name, body }) => {
    const text = JSON.stringify(body);
    const raw = rawOf(way, text);
    return { name, text, raw, bytes: raw.length, prompt: [] as Times[], plain: [] as Times[] };
  });
  for (let round = 0; round < rounds; round++)
    for (const one of taken) {
      one.plain.push(timesOf(way, one.raw));
      one.prompt.push(timesOf(way, one.text));
    }
  const rows = taken.map(({ name, bytes, prompt, plain }) => ({
    name: `${name} (${figure(bytes / 1024)} KB)`,
    plain: measured(plain.map(({ p50 }) => p50)),
    prompt: measured(prompt.map(({ p50 }) => p50)),
    p99: measured(prompt.map(({ p99 }) => p99)),
    above: measured(prompt.map(({ p50 }, round) => p50 - (plain[round]?.p50 ?? Number.NaN))),
  }));
  return {
    name: 'models',
    title: 'Registered prompts on the hot path',
    method: [
      `From the bytes of a chat request to the bytes for the vendor, in one process: resolve the name, check the variables, render, compose; ${calls.toLocaleString('en-US')} calls a round after ${warmUp.toLocaleString('en-US')} to warm up.`,
      'Plain: the same words sent to the base model by name, as an app does that has its prompts in its own code.',
    ],
    tables: [
      {
        title: 'Microseconds a call',
        columns: ['prompt', 'plain, p50', 'by its name, p50', 'by its name, p99', 'above, p50'],
        rows: rows.map(({ name, plain, prompt, p99, above }) => [
          name,
          ...[plain, prompt, p99, above].map((one) => spread(one)),
        ]),
      },
    ],
    goals: rows.map(({ name, above }) => ({
      goal: `${name}: at most ${goalMicroseconds} µs above the raw call at p50`,
      measured: `${figure(above.median)} µs`,
      met: above.median <= goalMicroseconds,
    })),
    figures: { rows },
  };
}
