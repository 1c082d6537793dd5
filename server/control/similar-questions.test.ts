import { readFileSync } from 'node:fs';
import type { CacheAsk, CachedAnswer, CachePlan } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type KeyId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createAnswerCache } from './answer-cache.ts';
import { mostQuestions, QuestionRings } from './kept-questions.ts';
import type { SemanticPolicy } from './plan-answer.ts';

const folder = new URL('../../testing/fixtures/similar-questions/', import.meta.url);
type Group = { held: boolean; same: string[]; near: string[] };
const groups = JSON.parse(readFileSync(new URL('groups.json', folder), 'utf8')) as Group[];
const texts = [...new Set(groups.flatMap(({ same, near }) => [...same, ...near]))];

function vectorsOf(file: string): Map<string, Float32Array> {
  const numbers = new Int8Array(readFileSync(new URL(file, folder)));
  const length = numbers.length / texts.length;
  return new Map(texts.map((text, i) => [text, Float32Array.from(numbers.subarray(i * length, (i + 1) * length))]));
}

const by: Caller = { project: defaultProjectId, actor: 'app', role: null, key: null, person: null, team: null };
const asking = (question: string, more: Partial<CacheAsk> = {}): CacheAsk => ({
  ...{ by, user: null, model: 'faq', route: null, targets: ['openai/m'], version: null, dialect: 'openai-chat' },
  ...{ streamed: false, wish: null, body: { temperature: 0, messages: [{ role: 'user', content: question }] } },
  ...more,
});
const policies = (semantic: Partial<SemanticPolicy> = {}) => ({
  faq: {
    ...{ ttlSeconds: 60, anyTemperature: false, wording: 'exact' as const },
    semantic: { embedder: 'openai/e', threshold: 0.95, scope: 'project' as const, waitMs: 5_000, ...semantic },
  },
});
const answerTo = (question: string): CachedAnswer => ({
  ...{ status: 200, headers: {}, streamed: false, storedAtMs: 0, traceId: question },
  body: Buffer.from(question),
});

type Cache = ReturnType<typeof createAnswerCache>;

function planOf(cache: Cache, ask: CacheAsk): CachePlan {
  const plan = cache.plan(ask);
  if (plan === null) throw new Error('no plan');
  return plan;
}

const openCache = (semantic: Partial<SemanticPolicy> = {}, bytes = 1e8) =>
  createAnswerCache({ policies: policies(semantic), bytes, behind: null, nowMs: () => 0 });

function keep(cache: Cache, ask: CacheAsk, vector: Float32Array): void {
  const plan = planOf(cache, ask);
  cache.put(by.project, plan, ask, answerTo(plan.meaning?.question ?? ''));
  cache.place(by.project, plan, vector);
}

const vector = Float32Array.from([1, 0]);
const near = async (cache: Cache, ask: CacheAsk, found = vector) =>
  (await cache.nearest(by.project, planOf(cache, ask), async () => found))?.answer.traceId ?? null;

describe('questions that ask the same, by the vectors of two models', () => {
  const vectors = { minilm: vectorsOf('minilm.i8'), use: vectorsOf('use.i8') };

  /** Has each question kept alone and every other one asked; how many that ask the same are found, and how many else. */
  async function measure(model: keyof typeof vectors, held: boolean, threshold: number) {
    const own = groups.filter((group) => group.held === held);
    const all = [...new Set(own.flatMap(({ same, near: others }) => [...same, ...others]))];
    const alike = new Map(own.flatMap(({ same }) => same.map((text) => [text, same] as const)));
    const cache = openCache({ threshold });
    const plans = all.map((text) => ({ text, plan: planOf(cache, asking(text)) }));
    // What differs in its facts is never compared.
    const within = new Map<string, typeof plans>();
    for (const one of plans) {
      const name = one.plan.meaning?.within;
      if (name !== undefined) within.set(name, [...(within.get(name) ?? []), one]);
    }
    let [found, wrong] = [0, 0];
    for (const few of within.values()) {
      for (const [i, { text }] of few.entries())
        for (const other of few.slice(i + 1)) {
          const alone = openCache({ threshold });
          keep(alone, asking(text), vectors[model].get(text) ?? vector);
          const answer = await alone.nearest(
            by.project,
            other.plan,
            async () => vectors[model].get(other.text) ?? null,
          );
          if (answer === null) continue;
          if (alike.get(text)?.includes(other.text)) found += 1;
          else wrong += 1;
        }
    }
    const same = own.reduce((sum, group) => sum + (group.same.length * (group.same.length - 1)) / 2, 0);
    return { found, of: same, wrong };
  }

  it.each([
    ['minilm', false, 0.9, { found: 60, of: 222, wrong: 0 }],
    ['minilm', true, 0.9, { found: 32, of: 105, wrong: 0 }],
    ['minilm', true, 0.95, { found: 20, of: 105, wrong: 0 }],
    ['use', false, 0.95, { found: 35, of: 222, wrong: 0 }],
    ['use', true, 0.95, { found: 24, of: 105, wrong: 0 }],
    ['use', true, 0.9, { found: 39, of: 105, wrong: 0 }],
  ] as const)('%s, held out: %s, from %d on', async (model, held, threshold, measured) => {
    expect(await measure(model, held, threshold)).toEqual(measured);
  });
});

describe('answers to questions that ask the same', () => {
  const question = 'How do I delete my account?';
  const again = 'How can I delete my account?';

  it('are given where words and vectors agree', async () => {
    const cache = openCache();
    keep(cache, asking(question), vector);
    expect(await near(cache, asking(again))).toBe(question);
    expect(await near(cache, asking(again), Float32Array.from([0.9, 0.44]))).toBeNull();
    expect(cache.counts()).toMatchObject({ hits: 1, semanticHits: 1, misses: 1 });
  });

  it('need to be nearer where other words say it', async () => {
    const cache = openCache({ threshold: 0.9 });
    keep(cache, asking(question), vector);
    const other = asking('How do I delete my profile?');
    const at = (cosine: number) => Float32Array.from([cosine, Math.sqrt(1 - cosine ** 2)]);
    expect([await near(cache, other, at(0.95)), await near(cache, other, at(0.97))]).toEqual([null, question]);
    expect(await near(cache, asking(again), at(0.91))).toBe(question);
  });

  it('are never those of another tenant, conversation, setting, model or fact, however near', async () => {
    const cache = openCache();
    keep(cache, asking(question), vector);
    const { body } = asking(again);
    const before = { role: 'assistant', content: 'Hello.' };
    const others: Partial<CacheAsk>[] = [
      { by: { ...by, project: 'other' as Caller['project'] } },
      { targets: ['openai/n'] },
      { version: 'v2' },
      { streamed: true },
      { dialect: 'anthropic-messages' },
      { body: { ...body, seed: 1 } },
      { body: { ...body, tools: [] } },
      { body: { ...body, messages: [before, { role: 'user', content: again }] } },
      { body: { ...body, messages: [{ role: 'user', content: 'How can I delete my 2 accounts?' }] } },
    ];
    for (const more of others) expect(await near(cache, asking(again, more))).toBeNull();
  });

  it('stay with the key or the end user where the policy says so', async () => {
    const key = (id: string): Caller => ({ ...by, key: id as KeyId });
    for (const [scope, own, other] of [
      ['key', { by: key('key_a') }, { by: key('key_b') }],
      ['user', { user: 'ann' }, { user: 'bob' }],
    ] as [SemanticPolicy['scope'], Partial<CacheAsk>, Partial<CacheAsk>][]) {
      const cache = openCache({ scope });
      keep(cache, asking(question, own), vector);
      expect(await near(cache, asking(again, own))).toBe(question);
      expect(await near(cache, asking(again, other))).toBeNull();
      // Nobody is named, so nobody shares.
      expect(planOf(cache, asking(question)).meaning).toBeNull();
    }
  });

  it('are looked for by a vector only where one might be found, and no longer than a call may wait', async () => {
    const cache = openCache({ waitMs: 5 });
    let asked = 0;
    const never = () => {
      asked += 1;
      return new Promise<null>(() => {});
    };
    const plan = planOf(cache, asking(again));
    expect([await cache.nearest(by.project, plan, never), asked]).toEqual([null, 0]);
    keep(cache, asking(question), vector);
    expect([await cache.nearest(by.project, plan, never), asked]).toEqual([null, 1]);
    expect(await cache.nearest(by.project, plan, () => Promise.reject(new Error('away')))).toBeNull();
    expect(await near(cache, asking(again), Float32Array.from([1, 0, 0]))).toBeNull();
    expect(await near(cache, asking(again), Float32Array.from([0, 0]))).toBeNull();
  });

  it('are the nearest of all, and gone with their time', async () => {
    let now = 0;
    const cache = createAnswerCache({ policies: policies(), bytes: 1e6, behind: null, nowMs: () => now });
    keep(cache, asking(question), Float32Array.from([0.99, 0.1]));
    keep(cache, asking('How may I delete my account?'), Float32Array.from([1, 0.01]));
    expect(await near(cache, asking(again))).toBe('How may I delete my account?');
    now = 60_000;
    expect(await near(cache, asking(again))).toBeNull();
  });
});

describe('what is kept of questions', () => {
  const kept = (key: string, length = 100) => ({
    ...{ key, said: [], content: [], untilMs: 1 },
    vector: new Float32Array(length),
  });

  it('is the newest of each name, and a question once', () => {
    const rings = new QuestionRings(1e6);
    for (let i = 0; i < mostQuestions + 3; i++) rings.place('a', kept(`k${i}`));
    rings.place('a', kept('k9'));
    const keys = rings.of('a').map(({ key }) => key);
    expect([keys.length, new Set(keys).size, keys.includes('k2'), keys.includes('k3')]).toEqual([
      mostQuestions,
      mostQuestions,
      false,
      true,
    ]);
  });

  it('never takes more memory than it may, and drops first the name that was not used for longest', () => {
    const rings = new QuestionRings(10_000);
    for (let i = 0; i < 50; i++) {
      rings.place(`n${i}`, kept('k'));
      rings.of('n0');
      expect(rings.bytes).toBeLessThanOrEqual(10_000);
    }
    expect([rings.of('n0').length, rings.of('n1').length, rings.of('n49').length]).toEqual([1, 0, 1]);
  });
});
