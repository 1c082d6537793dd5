import { flavorOf, modelDefinition } from '@wheelhouse/core/model';
import type { ModelAsk, ModelReply, Predictor, PredictRequest } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type Json,
  type JsonObject,
  type Model,
  type ModelVersion,
  type ReleaseSplit,
  type Signature,
  type Span,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createClock, systemRandom } from '../world.ts';
import { createModelRunners } from './model-runner.ts';
import { createPredictor } from './predictor.ts';

const by: Caller = { project: defaultProjectId, actor: 'ann', role: 'owner', key: null, person: null, team: null };
const checker = createSchemaChecker();
type Said = string | WheelhouseError;

let models: Map<string, { model: Model; versions: Map<number, ModelVersion> }>;
let spans: Span[];
let asked: ModelAsk[];
let answer: (text: string, ask: ModelAsk) => Said | Promise<Said>;
let logged: object[];
let predictor: Predictor;

const table = (): RouteTable => ({
  ...{ providers: new Set(['v']), routes: new Map(), settings: defaultSettings, providerOf: () => null },
  find: (name) => models.get(name) ?? null,
});
const find = (ref: string) => models.get(ref.split('@')[0] ?? '')?.versions.get(Number(ref.split('@')[1] ?? 1)) ?? null;

function publish(name: string, given: object, said: Partial<Signature> = {}): void {
  const definition = modelDefinition.parse(given);
  const signature = { ...flavorOf(definition).infer(definition, { checker, find }), ...said };
  const versions = models.get(name)?.versions ?? new Map<number, ModelVersion>();
  const number = versions.size + 1;
  versions.set(number, { number, definition, signature } as unknown as ModelVersion);
  models.set(name, { model: { name, latest: number, aliases: [] } as unknown as Model, versions });
}

const step = (id: string, template: string) => ({
  ...{ id, do: 'prompt', model: 'v/m' },
  ...{ input: {}, messages: [{ role: 'user', content: template }] },
});

const textOf = ({ body }: ModelAsk) => String((body.messages as { content: string }[]).at(-1)?.content);
const texts = () => asked.map(textOf);

async function reply(ask: ModelAsk): Promise<ModelReply> {
  asked.push(ask);
  const said = await answer(textOf(ask), ask);
  const usage = { counts: { inputUncached: 2, outputText: 3, requests: 1 }, source: 'provider' as const };
  const taken = { traceId: 'a'.repeat(32) as TraceId, latencyNs: 5n, costNanoUsd: 10n, usage };
  if (said instanceof WheelhouseError) return { ok: false, error: said, ...taken, usage: null, costNanoUsd: null };
  if (ask.onText) for (const piece of said.match(/.{1,2}/gs) ?? []) ask.onText(piece);
  return { ok: true, text: said, logprobs: null, ...taken };
}

beforeEach(() => {
  models = new Map();
  spans = [];
  asked = [];
  logged = [];
  answer = (text) => `<${text}>`;
  const nothing = { call: () => Promise.reject(new Error('Nothing is called here.')) };
  predictor = createPredictor({
    ...{ routes: table, checker, clock: createClock(), random: systemRandom, askModel: reply, http: nothing },
    hosts: nothing,
    sandbox: { run: async (_, input) => input },
    copier: { offer: () => false },
    log: { error: (details) => void logged.push(details) },
    keeper: { keep: async (span) => void spans.push(span) },
    wholeSpans: {
      async *ofTraces(_, ids) {
        yield* spans.filter(({ traceId }) => ids.includes(traceId));
      },
    },
  });
});

const labels = { tags: ['t'], user: 'u', session: 's', metadata: { k: 'v' } };
function predict(model: string, input: Json, more: Partial<PredictRequest> = {}) {
  return predictor.predict({
    ...{
      by,
      model,
      labels,
      ask: { input, messages: [], parameters: {} },
      traceparent: null,
      userAgent: null,
      run: null,
    },
    ...{ deadlineMs: null, resume: null, signal: new AbortController().signal, onStart: null, onText: null },
    ...more,
  });
}
const stepsOf = (traceId: TraceId | null) =>
  spans
    .filter((span) => span.traceId === traceId && span.attributes['wheelhouse.step'] !== undefined)
    .map(({ attributes, status }) => [
      attributes['wheelhouse.step'],
      status,
      attributes['wheelhouse.step.resumed'] === true,
    ]);

describe('asking a model', () => {
  it('reads JSON where the signature says so, and says what came where it does not fit', async () => {
    const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    publish('json', { flavor: 'prompt', baseModel: 'v/m', template: '{{q}}' }, { output });
    answer = () => '{"n": 7}';
    expect(await predict('json@1', { q: 'x' })).toMatchObject({ ok: true, output: { n: 7 }, text: '{"n": 7}' });
    answer = () => '{"n": "7"}';
    const failed = await predict('json@1', { q: 'x' });
    expect(failed).toMatchObject({ ok: false, text: '{"n": "7"}', error: { code: 'signature_mismatch' } });
    const runner = createModelRunners({ predictor, random: systemRandom })(by.project);
    const { signal } = new AbortController();
    const judged = await runner.run('json@1', { messages: [], variables: { q: 'x' } }, { signal });
    expect(judged).toMatchObject({ ok: true, text: '{"n": "7"}', costNanoUsd: 10n });
  });

  it('says on the span of a run which side of a release it was', async () => {
    for (const word of ['old', 'new']) publish('chain', { flavor: 'chain', steps: [step('a', `${word} {{input.q}}`)] });
    const release = { id: 'rel_1', candidate: 2, share: 0.5, sticky: 'user' };
    models.get('chain')?.model.aliases.push({
      ...{ alias: 'production', version: 1, before: null, movedAt: '', release: release as ReleaseSplit },
    });
    const users = Array.from({ length: 12 }, (_, i) => `user ${i}`);
    for (const user of users) await predict('chain', { q: '1' }, { labels: { ...labels, user } });
    const runs = spans.filter(({ attributes }) => attributes['wheelhouse.flavor'] !== undefined);
    expect(runs).toHaveLength(12);
    for (const { model, attributes } of runs) {
      const arm = model?.version === 2 ? 'candidate' : 'incumbent';
      expect(attributes).toMatchObject({ 'wheelhouse.release': 'rel_1', 'wheelhouse.release.arm': arm });
    }
    expect(new Set(runs.map(({ model }) => model?.version))).toEqual(new Set([1, 2]));
  });

  it('refuses what is not there and what does not fit before anything is traced', async () => {
    publish('chain', { flavor: 'chain', steps: [step('a', '{{input.q}}')] });
    expect(await predict('none@1', {})).toMatchObject({ ok: false, traceId: null, error: { code: 'model_not_found' } });
    expect(await predict('chain@1', { x: 1 })).toMatchObject({
      ok: false,
      traceId: null,
      error: { code: 'signature_mismatch' },
    });
    expect([spans, asked]).toEqual([[], []]);
  });

  it('adds up what all calls of a run took, and puts the labels on every span', async () => {
    publish('inner', { flavor: 'chain', steps: [step('x', 'x {{input.q}}')] });
    publish('chain', {
      flavor: 'chain',
      steps: [
        step('a', '{{input.q}}'),
        { id: 'b', do: 'prompt', model: 'inner@1', input: { q: { $from: '/steps/a' } } },
      ],
    });
    const pieces: string[] = [];
    const run = await predict('chain@1', { q: '1' }, { onText: (piece) => pieces.push(piece) });
    expect(run).toMatchObject({
      ok: true,
      output: '<x <1>>',
      costNanoUsd: 20n,
      usage: { counts: { inputUncached: 4 } },
    });
    expect(pieces.join('')).toBe('<x <1>>');
    expect(pieces.length).toBeGreaterThan(1);
    const names = spans.map(({ name }) => name).sort();
    expect(names).toEqual(['a', 'b', 'predict chain@1', 'predict inner@1', 'x']);
    for (const span of spans) {
      expect(span).toMatchObject({
        traceId: run.traceId,
        sessionId: 's',
        userId: 'u',
        tags: ['t'],
        metadata: { k: 'v' },
      });
      expect(span.cost).toBe(null);
    }
    const parentOf = (name: string) =>
      spans.find((one) => one.spanId === spans.find((s) => s.name === name)?.parentSpanId)?.name;
    expect(['a', 'x', 'predict inner@1', 'b'].map(parentOf)).toEqual([
      'predict chain@1',
      'predict inner@1',
      'b',
      'predict chain@1',
    ]);
    for (const { traceparent } of asked) expect(traceparent?.slice(3, 35)).toBe(run.traceId);
  });

  it('tells whoever cannot help it no more than that it failed inside', async () => {
    publish('chain', { flavor: 'chain', steps: [step('a', 'x')] });
    answer = () => {
      throw new TypeError('a secret');
    };
    const failed = await predict('chain@1', {});
    expect(failed).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(spans.find(({ name }) => name === 'a')?.status).toBe('error');
    expect(logged).toHaveLength(1);
  });

  it('stops at its deadline and with its caller, whatever its steps make of that', async () => {
    publish('chain', { flavor: 'chain', steps: [step('a', 'x')] });
    answer = (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('odd')), { once: true }),
      );
    expect(await predict('chain@1', {}, { deadlineMs: 1 })).toMatchObject({
      ok: false,
      error: { code: 'upstream_timeout' },
    });
    const controller = new AbortController();
    const running = predict('chain@1', {}, { signal: controller.signal });
    controller.abort(new WheelhouseError('upstream_cut', 'left'));
    expect(await running).toMatchObject({ ok: false, error: { message: 'left' } });
  });
});

describe('resuming a run', () => {
  const chain = {
    flavor: 'chain',
    steps: [
      step('first', 'one {{input.q}}'),
      {
        id: 'split',
        do: 'parallel',
        branches: { left: [step('l', 'left {{steps.first}}')], right: [step('r', 'right {{steps.first}}')] },
      },
      { id: 'each', do: 'map', over: '/input/items', concurrency: 1, steps: [step('it', 'item {{item}}')] },
      step('last', 'last {{steps.split.left}}'),
    ],
  };
  const input = { q: 'q', items: ['a', 'b'] };
  const refusing = (pattern: RegExp) => {
    answer = (text) => (pattern.test(text) ? new WheelhouseError('upstream_refused', 'no') : `<${text}>`);
  };

  it('does again only what was not finished, and gives what an unbroken run gives', async () => {
    publish('chain', chain);
    const whole = await predict('chain@1', input);
    refusing(/^item b/);
    const failed = await predict('chain@1', input);
    expect(failed).toMatchObject({
      ok: false,
      error: { code: 'upstream_refused', message: expect.stringContaining('each[1].it') },
    });
    asked = [];
    refusing(/never/);
    const resumed = await predict('chain@1', input, { resume: failed.traceId });
    expect(resumed).toMatchObject({ ok: true, output: whole.ok ? whole.output : null });
    expect(texts()).toEqual(['item b', 'last <left <one q>>']);
    expect(resumed.traceId).not.toBe(failed.traceId);
    expect(
      stepsOf(resumed.traceId)
        .filter(([, , found]) => found)
        .map(([path]) => path)
        .sort(),
    ).toEqual(['each[0].it', 'first', 'split.left.l', 'split.right.r']);
    asked = [];
    await predict('chain@1', input, { resume: resumed.traceId });
    expect(texts()).toEqual([]);
  });

  it('takes nothing of another input, another version, or what is not stored as it was', async () => {
    publish('chain', chain);
    const before = await predict('chain@1', input);
    asked = [];
    await predict('chain@1', { ...input, q: 'other' }, { resume: before.traceId });
    expect(texts()).toEqual(['one other', 'left <one other>', 'right <one other>', 'last <left <one other>>']);
    publish('chain', chain);
    asked = [];
    await predict('chain@2', input, { resume: before.traceId });
    expect(texts()).toHaveLength(6);
    spans = spans.map((span) =>
      span.traceId === before.traceId && span.name === 'first'
        ? { ...span, output: { type: 'json', value: '[redacted]' } }
        : span,
    );
    asked = [];
    await predict('chain@1', input, { resume: before.traceId });
    expect(texts()).toEqual(['one q']);
  });

  it('names a trace that is not there', async () => {
    publish('chain', chain);
    const failed = await predict('chain@1', input, { resume: 'b'.repeat(32) as TraceId });
    expect(failed).toMatchObject({ ok: false, error: { code: 'not_found', param: 'resume' } });
  });
});

it('models that call models stop at a depth, with their names', async () => {
  const calls = (model: string): JsonObject => ({
    flavor: 'chain',
    steps: [{ id: 'next', do: 'prompt', model, input: {} }],
  });
  publish('ping', calls('pong@1'));
  publish('pong', calls('ping@1'));
  const failed = await predict('ping@1', {});
  expect(failed).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  if (!failed.ok) expect(failed.error.message).toContain('ping@1 → pong@1 → ping@1');
  expect(spans.filter(({ name }) => name.startsWith('predict'))).toHaveLength(8);
});
