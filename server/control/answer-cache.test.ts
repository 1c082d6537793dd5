import { readFileSync } from 'node:fs';
import type { AnswerStore, CacheAsk, CachedAnswer } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type Json, type JsonObject, type ProjectId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswerCache } from './answer-cache.ts';
import { cacheKey } from './cache-key.ts';
import { createPlanner } from './plan-answer.ts';

const by: Caller = { project: defaultProjectId, actor: 'app', role: null, key: null, person: null, team: null };
const ask = (more: Partial<CacheAsk> = {}): CacheAsk => ({
  ...{
    by,
    user: null,
    model: 'fast',
    route: 'fast',
    targets: ['openai/gpt-4o'],
    version: null,
    dialect: 'openai-chat',
  },
  ...{ streamed: false, wish: null },
  body: { model: 'fast', temperature: 0, messages: [{ role: 'user', content: 'hi' }] },
  ...more,
});
const policy = { ttlSeconds: 60, anyTemperature: false, wording: 'exact' as const, semantic: null };

/** The same value with its members in another order. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, member]) => [key, shuffled(member ?? null)]));
}

describe('20 the identity of an answer', () => {
  it('does not depend on the order of members, nor on who in the project asks', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const given = JSON.parse(JSON.stringify(body)) as JsonObject;
        expect(cacheKey(ask({ body: shuffled(given) as JsonObject }))).toBe(cacheKey(ask({ body: given })));
      }),
    );
    const other = { ...by, actor: 'other', key: 'key_b' as Caller['key'] };
    const { body } = ask();
    const same = cacheKey(ask({ by: other, wish: 'max-age=5', body: { ...body, user: 'u1', metadata: { a: 'b' } } }));
    expect(same).toBe(cacheKey(ask()));
  });

  const { body } = ask();
  it.each<[string, Partial<CacheAsk>]>([
    ['the project', { by: { ...by, project: 'other' as ProjectId } }],
    ['the model', { model: 'slow' }],
    ['the route', { route: null }],
    ['the targets', { targets: ['openai/gpt-4o', 'anthropic/claude'] }],
    ['the version', { version: 'abc' }],
    ['the dialect', { dialect: 'anthropic-messages' }],
    ['whether it is streamed', { streamed: true }],
    ['a parameter', { body: { ...body, seed: 1 } }],
    ['the tools', { body: { ...body, tools: [] } }],
    ['the order of messages', { body: { ...body, messages: [{ role: 'user', content: 'ih' }] } }],
    ['the depth of a member', { body: { model: 'fast', nested: body } }],
  ])('depends on %s', (_, more) => {
    expect(cacheKey(ask(more))).not.toBe(cacheKey(ask()));
  });

  it('tells halves of pairs apart, which all have the same bytes', () => {
    const keyOf = (text: string) => cacheKey(ask({ body: { ...body, input: text } }));
    expect(keyOf('\ud800')).not.toBe(keyOf('\ud801'));
    expect(keyOf('😀')).not.toBe(keyOf('😁'));
  });

  it('tells any two bodies apart', () => {
    const bodies = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    fc.assert(
      fc.property(bodies, bodies, (a, b) => {
        const [one, two] = [JSON.parse(JSON.stringify({ m: a })), JSON.parse(JSON.stringify({ m: b }))] as JsonObject[];
        if (!one || !two) return;
        const equal = cacheKey(ask({ body: one })) === cacheKey(ask({ body: two }));
        const sorted = (value: JsonObject) =>
          JSON.stringify(value, (__, v) =>
            v && typeof v === 'object' && !Array.isArray(v)
              ? Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1)))
              : v,
          );
        expect(equal).toBe(sorted(one) === sorted(two));
      }),
    );
  });
});

describe('what is cached', () => {
  const plan = createPlanner({
    fast: policy,
    'openai/*': { ...policy, ttlSeconds: 9, anyTemperature: true },
    'openai/gpt-4*': policy,
  });

  it('is what a policy names, by model, by beginning, by route', () => {
    expect(plan(ask())).toMatchObject({ read: true, keepSeconds: 60 });
    expect(plan(ask({ model: 'bot', route: 'fast' }))).toMatchObject({ keepSeconds: 60 });
    expect(plan(ask({ model: 'openai/o3', route: null, body: { temperature: 1 } }))?.keepSeconds).toBe(9);
    expect(plan(ask({ model: 'openai/gpt-4o', route: null }))?.keepSeconds).toBe(60);
    expect(plan(ask({ model: 'slow', route: null }))).toBeNull();
    expect(createPlanner({})(ask())).toBeNull();
  });

  it('is what comes out the same again, unless the policy says otherwise', () => {
    expect(plan(ask({ body: {} }))).toBeNull();
    expect(plan(ask({ body: { temperature: 0.1 } }))).toBeNull();
    expect(plan(ask({ dialect: 'embeddings', body: { input: 'a' } }))).not.toBeNull();
  });

  it('is less where the caller wishes so, and never more', () => {
    expect(plan(ask({ wish: 'no-store' }))).toBeNull();
    expect(plan(ask({ wish: 'No-Cache' }))).toMatchObject({ read: false, keepSeconds: 60 });
    expect(plan(ask({ wish: 'max-age=5' }))).toMatchObject({ read: true, keepSeconds: 5 });
    expect(plan(ask({ wish: 'max-age=0' }))).toMatchObject({ keepSeconds: null });
    expect(plan(ask({ wish: 'max-age=9999, key=evil' }))).toEqual(plan(ask()));
    expect(plan(ask({ model: 'slow', route: null, wish: 'max-age=60' }))).toBeNull();
  });
});

const answer = (bytes: number): CachedAnswer => ({
  ...{ status: 200, headers: {}, streamed: false, storedAtMs: 0, traceId: 't', body: new Uint8Array(bytes) },
});
const project = defaultProjectId;
const keep = (key: string) => ({ key, read: true, keepSeconds: 10, meaning: null });

describe('the cache of answers', () => {
  it('gives what it was given until its time is over, to its own project alone', () => {
    let now = 0;
    const cache = createAnswerCache({ policies: {}, bytes: 100_000, behind: null, nowMs: () => now });
    const given = answer(3);
    cache.put(project, keep('a'), ask(), given);
    cache.put(project, { ...keep('b'), keepSeconds: null }, ask(), given);
    expect(cache.get(project, keep('a'), ask())).toEqual({ ...given, body: Buffer.alloc(3) });
    expect(cache.get('other' as ProjectId, keep('a'), ask())).toBeNull();
    expect(cache.get(project, keep('b'), ask())).toBeNull();
    now = 10_000;
    expect(cache.get(project, keep('a'), ask())).toBeNull();
    expect(cache.counts()).toEqual({ hits: 1, semanticHits: 0, misses: 3, entries: 0, bytes: 259 });
  });

  it('never takes more memory than it may, and drops first what was not used for long', () => {
    const cache = createAnswerCache({ policies: {}, bytes: 10_000, behind: null, nowMs: () => 0 });
    for (let i = 0; i < 100; i++) {
      cache.put(project, keep(`k${i}`), ask(), answer(500));
      expect(cache.get(project, keep('k0'), ask())).not.toBeNull();
      expect(cache.counts().bytes).toBeLessThanOrEqual(10_000);
    }
    expect(cache.counts().entries).toBe(12);
    cache.put(project, keep('large'), ask(), answer(2_000));
    expect(cache.get(project, keep('large'), ask())).toBeNull();
  });

  it('gives each answer its own bytes, however many come and go', () => {
    const put = fc.tuple(fc.nat(40), fc.nat(900), fc.boolean());
    fc.assert(
      fc.property(fc.array(put, { maxLength: 200 }), (steps) => {
        const cache = createAnswerCache({ policies: {}, bytes: 20_000, behind: null, nowMs: () => 0 });
        const newest = new Map<string, { body: Uint8Array; type: string }>();
        steps.forEach(([place, bytes, html], step) => {
          const name = keep(`k${place}`);
          const body = new Uint8Array(bytes).fill(step);
          const type = html ? 'text/html' : 'application/json';
          cache.put(project, name, ask(), { ...answer(0), body, headers: { 'content-type': type } });
          newest.set(name.key, { body: body.slice(), type });
          // What is kept is no part of what was given.
          body.fill(255);
          for (const [key, told] of newest) {
            const found = cache.get(project, keep(key), ask());
            if (found === null || found instanceof Promise) continue;
            expect(Buffer.compare(found.body, told.body)).toBe(0);
            expect(found.headers).toEqual({ 'content-type': told.type });
          }
          expect(cache.get(project, name, ask())).not.toBeNull();
          expect(cache.counts().bytes).toBeLessThanOrEqual(20_000);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('leaves an answer that was found as it is when its place becomes another', () => {
    const cache = createAnswerCache({ policies: {}, bytes: 10_000, behind: null, nowMs: () => 0 });
    cache.put(project, keep('first'), ask(), { ...answer(0), body: Buffer.from('first') });
    const found = cache.get(project, keep('first'), ask()) as CachedAnswer;
    for (let i = 0; i < 100; i++) cache.put(project, keep(`k${i}`), ask(), answer(500));
    expect(Buffer.from(found.body).toString()).toBe('first');
  });

  it('asks the store behind for what is not in memory', async () => {
    const kept = new Map<string, CachedAnswer>();
    const behind: AnswerStore = {
      get: async (name) => kept.get(name) ?? null,
      put: (name, given) => void kept.set(name, given),
      questions: async () => [],
      place: () => {},
    };
    const open = () => createAnswerCache({ policies: {}, bytes: 10_000, behind, nowMs: () => 0 });
    const given = answer(3);
    open().put(project, keep('a'), ask(), given);
    const other = open();
    expect(await other.get(project, keep('a'), ask())).toBe(given);
    expect(await other.get('other' as ProjectId, keep('a'), ask())).toBeNull();
  });
});

const asked = (content: Json, more: Partial<CacheAsk> = {}) => {
  const messages = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content },
  ];
  return ask({ body: { temperature: 0, messages }, ...more });
};
const { same, different } = JSON.parse(
  readFileSync(new URL('../../testing/fixtures/similar-prompts/pairs.json', import.meta.url), 'utf8'),
) as Record<'same' | 'different', [string, string][]>;

describe('loose wording', () => {
  const loose = createPlanner({ fast: { ...policy, wording: 'loose' } });
  const equal = (a: CacheAsk, b: CacheAsk) => loose(a)?.key === loose(b)?.key;

  it('takes none of the pairs that ask different things for the same, and some of those that do for the same', () => {
    expect(different.filter(([a, b]) => equal(asked(a), asked(b)))).toEqual([]);
    const found = same.filter(([a, b]) => equal(asked(a), asked(b)));
    expect([found.length, same.length, different.length]).toEqual([9, 30, 86]);
  });

  it('is off unless a policy says so', () => {
    const exact = createPlanner({ fast: policy });
    expect(exact(asked('Explain recursion'))?.key).not.toBe(exact(asked('Please explain recursion.'))?.key);
    const embedding = (text: string) => loose(ask({ dialect: 'embeddings', body: { input: text } }))?.key;
    expect(embedding('Explain recursion')).not.toBe(embedding('Please explain recursion.'));
  });

  const [one, other] = ['Explain recursion', 'Please explain recursion.'];
  it.each<[string, (text: string) => JsonObject]>([
    ['Anthropic', (text) => ({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] })],
    ['Gemini', (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] })],
    ['responses', (text) => ({ input: text })],
  ])('finds the last message of %s', (_, bodyOf) => {
    const plan = (text: string) => loose(ask({ body: { temperature: 0, ...bodyOf(text) } }))?.key;
    expect(plan(one)).toBe(plan(other));
    expect(plan(one)).not.toBe(plan('Explain loops'));
  });

  it('keeps to the words of everything but the last message of a user, and to code', () => {
    const talk = (role: string, text: string) =>
      ask({
        body: {
          temperature: 0,
          messages: [
            { role: 'system', content: text },
            { role, content: text },
          ],
        },
      });
    expect(equal(talk('user', one), talk('user', other))).toBe(false);
    expect(equal(asked(one), talk('tool', other))).toBe(false);
    expect(equal(asked('run `a`'), asked('please run `a`'))).toBe(false);
    const pictured = (text: string) =>
      asked([
        { type: 'text', text },
        { type: 'image_url', image_url: { url: 'x' } },
      ]);
    expect(equal(pictured(one), pictured(other))).toBe(false);
    // A text is not taken for the words of another.
    expect(equal(asked(''), asked(one))).toBe(false);
  });
});
