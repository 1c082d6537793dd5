import type { HttpAnswer, HttpRequest, SecretBox } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type Json, type ModelVersion, WheelhouseError } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeModelHostStore } from '@wheelhouse/testing/fakes';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClock, systemRandom } from '../world.ts';
import { createHostCaller } from './host-caller.ts';
import { createHostHandlers } from './host-handlers.ts';
import { createHostReader } from './host-reader.ts';

const project = defaultProjectId;
const by: Caller = { project, actor: 'ann', role: 'editor', key: null, person: null, team: null };
/** Shows that what is stored is not the token, and for whom it was stored. */
const box: SecretBox = {
  seal: (secret, context) => Buffer.from(`${context}|${[...secret].reverse().join('')}`),
  open(sealed, context) {
    const [sealedFor, secret = ''] = Buffer.from(sealed).toString().split('|');
    return sealedFor === context ? [...secret].reverse().join('') : null;
  },
};
const versionOf = (flavor: string) => ({ number: 1, definition: { flavor } }) as unknown as ModelVersion;
const versions = new Map([
  ['bot', versionOf('code')],
  ['prompt', versionOf('prompt')],
]);

type Answer = HttpAnswer | WheelhouseError;
let nowMs: number;
let asked: HttpRequest[];
let answers: Record<string, (request: HttpRequest) => Answer>;
let handlers: ReturnType<typeof createHostHandlers>;
let call: (input: Json, onText?: (piece: string) => void) => Promise<Json>;
let reads: number;

const ok = (body: object): HttpAnswer => ({ status: 200, headers: {}, body: JSON.stringify(body) });
const unreachable = new WheelhouseError('upstream_unreachable', 'away');
const request = (given: object) => ({ by, params: {}, query: undefined, body: undefined, ...given }) as never;
const register = (url: string, model = 'bot') => handlers.registerHost(request({ body: { model, version: 1, url } }));

beforeEach(() => {
  nowMs = 1_000_000;
  asked = [];
  answers = {};
  reads = 0;
  const store = fakeModelHostStore(fakeAuditStore(), () => nowMs);
  const counting = {
    live: (of: typeof project) => {
      reads += 1;
      return store.live(of);
    },
  };
  const reader = createHostReader(counting, () => nowMs);
  handlers = createHostHandlers({
    ...{ hosts: store, box, clock: createClock(), random: systemRandom, changed: () => reader.changed() },
    checkUrl(url) {
      if (!url.startsWith('http')) throw new WheelhouseError('invalid_request', 'no address');
    },
    routes: () => ({
      find: (name) => {
        const version = versions.get(name);
        return version ? { model: {} as never, versions: new Map([[1, version]]) } : null;
      },
    }),
  });
  const http = {
    async call(given: HttpRequest) {
      asked.push(given);
      const answer = answers[given.url]?.(given) ?? unreachable;
      if (answer instanceof WheelhouseError) throw answer;
      return answer;
    },
  };
  const caller = createHostCaller({ http, reader, box });
  const { signal } = new AbortController();
  call = (input, onText) =>
    caller.call({
      ...{ by, model: 'bot', version: versionOf('code'), traceparent: 'tp', signal, onText: onText ?? null },
      ask: { input, messages: [], parameters: {} },
    });
});

describe('hosts of code', () => {
  it('are asked with the token of their lease, in turns', async () => {
    const tokens = new Map<string, string>();
    for (const url of ['http://one', 'http://two']) {
      tokens.set(url, (await register(url)).token);
      answers[url] = () => ok({ output: url });
    }
    const said = [await call({ q: 1 }), await call({ q: 1 }), await call({ q: 1 })];
    expect(said).toEqual(['http://one', 'http://two', 'http://one']);
    for (const { url, headers, body, traceparent } of asked) {
      expect(headers.authorization).toBe(`Bearer ${tokens.get(url)}`);
      expect(traceparent).toBe('tp');
      expect(JSON.parse(body ?? '')).toMatchObject({ model: 'bot', version: 1, input: { q: 1 }, stream: false });
    }
    expect(reads).toBe(1);
  });

  it('are passed over for another when they cannot be reached, and tried last for a while', async () => {
    await register('http://down');
    await register('http://up');
    answers['http://up'] = () => ok({ output: 'up' });
    for (let i = 0; i < 3; i++) expect(await call({})).toBe('up');
    expect(asked.map(({ url }) => url)).toEqual(['http://down', 'http://up', 'http://up', 'http://up']);
  });

  it('are nobody when their lease is over or they left, and are found when they come', async () => {
    await expect(call({})).rejects.toMatchObject({ hint: expect.stringContaining('wheelhouse serve') });
    const { id } = await register('http://one');
    answers['http://one'] = () => ok({ output: 1 });
    expect(await call({})).toBe(1);
    nowMs += 29_000;
    await handlers.renewHost(request({ params: { hostId: id } }));
    nowMs += 29_000;
    expect(await call({})).toBe(1);
    nowMs += 2_000;
    await expect(call({})).rejects.toMatchObject({ code: 'upstream_unreachable' });
    await expect(handlers.renewHost(request({ params: { hostId: id } }))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('say what went wrong in our codes, or else that the code failed; no other is asked then', async () => {
    await register('http://one');
    await register('http://two');
    const failing = (status: number, body: Json): Promise<unknown> => {
      answers['http://one'] = () => ({ status, headers: {}, body: JSON.stringify(body) });
      answers['http://two'] = answers['http://one'];
      asked = [];
      return call({}).catch(({ code, message }: WheelhouseError) => [code, message, asked.length]);
    };
    expect(await failing(500, { error: { message: 'odd' } })).toEqual(['code_failed', 'odd', 1]);
    expect(await failing(400, { error: { message: 'no', code: 'signature_mismatch' } })).toEqual([
      'signature_mismatch',
      'no',
      1,
    ]);
    expect(await failing(200, { other: 1 })).toMatchObject({ 0: 'upstream_failed' });
    expect(await failing(401, null)).toMatchObject({ 0: 'upstream_unreachable' });
  });

  it('stream text, and are cut where the end is missing', async () => {
    await register('http://one');
    const stream = (text: string) => (given: HttpRequest) => {
      for (const piece of text.match(/[\s\S]{1,7}/g) ?? []) given.onText?.(piece);
      return { status: 200, headers: {}, body: '' };
    };
    const events = 'event: text\ndata: {"text":"a ü"}\n\nevent: text\ndata: {"text":"b"}\n\n';
    answers['http://one'] = stream(`${events}event: output\ndata: {"output":"a üb"}\n\n`);
    const pieces: string[] = [];
    expect(await call({}, (piece) => pieces.push(piece))).toBe('a üb');
    expect(pieces).toEqual(['a ü', 'b']);
    answers['http://one'] = stream(events);
    await expect(call({}, () => {})).rejects.toMatchObject({ code: 'upstream_cut' });
    answers['http://one'] = stream(`${events}event: error\ndata: {"error":{"message":"mid"}}\n\n`);
    await expect(call({}, () => {})).rejects.toMatchObject({ code: 'code_failed', message: 'mid' });
  });

  it('serve a version of flavor code that there is, at an address that may be called', async () => {
    await expect(register('ftp://one')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(register('http://one', 'prompt')).rejects.toMatchObject({ code: 'invalid_request', param: 'model' });
    await expect(register('http://one', 'none')).rejects.toMatchObject({ code: 'model_not_found' });
    const listed = await handlers.listHosts(request({}));
    expect(listed).toEqual({ data: [] });
  });
});
