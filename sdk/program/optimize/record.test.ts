import type { CompileEvent } from '@wheelhouse/core/optimize';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../client/index.ts';
import { openRecord, type RecordSetup } from './record.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Sent = { path: string; body: { turn?: number; candidates?: { id: string }[]; state?: string } };
type Answer = object | number;

/** A server that answers a path as it is told to; a number is the status of a refusal. */
async function open(answers: Record<string, Answer | (() => Answer)>, resume?: string) {
  const sent: Sent[] = [];
  const stops: string[] = [];
  const answer: typeof fetch = async (url, init) => {
    const path = new URL(String(url)).pathname.replace('/api/v1/optimizations', '');
    sent.push({ path, body: JSON.parse(String(init?.body ?? '{}')) });
    const said = answers[path] ?? 404;
    const given = typeof said === 'function' ? said() : said;
    const isRefusal = typeof given === 'number';
    const error = { message: 'No.', code: 'x', hint: '', param: null, type: 'x' };
    return new Response(JSON.stringify(isRefusal ? { error } : given), {
      ...{ status: isRefusal ? given : 200, headers: { 'content-type': 'application/json' } },
    });
  };
  const client = createClient({ baseUrl: 'http://host', fetch: answer });
  const setup = { program: 'x.ts', model: 'a/b', optimizer: { name: 'gepa', options: {} }, budget: { calls: 1 } };
  const record = await openRecord(setup as RecordSetup, { client, resume, onStop: () => stops.push('stop') });
  return { record, sent, stops, paths: () => sent.map(({ path }) => path) };
}

const began = { type: 'began', train: 1, validation: 0, heldOut: 0, program: { '': {} }, n: 0 } as const;
const spent = { calls: 0, costNanoUsd: 0n, tokens: null, minutes: 0 };
const start = { ...began, spent } as CompileEvent;
const made = { '/recorded': { id: 'op_1', turn: 0 }, '/op_1/finish': {} };
const goesOn = { goesOn: true, state: 'running' };
const tick = (ms = 1_000) => vi.advanceTimersByTimeAsync(ms);

describe('the record of an optimization that runs here', () => {
  it('is none where the server takes none', async () => {
    expect((await open({ '/recorded': 404 })).record).toBeNull();
    expect((await open({ '/recorded': 403 })).record).toBeNull();
  });

  it('says what is new once a second, and something now and then, so that it hears of a stop', async () => {
    let answer: object = goesOn;
    const { record, sent, stops, paths } = await open({ ...made, '/op_1/progress': () => answer });
    record?.see(start);
    await tick();
    expect(sent[1]).toMatchObject({ path: '/op_1/progress', body: { turn: 0, candidates: [{ by: 'start' }] } });
    await tick(3_000);
    expect(paths()).toHaveLength(2);
    answer = { goesOn: false, state: 'stopped' };
    await tick(2_000);
    expect(sent[2]?.body.candidates).toEqual([]);
    expect(stops).toEqual(['stop']);
    await tick(20_000);
    expect(paths()).toHaveLength(3);
    await record?.end({ error: new Error('because') });
    expect(sent[3]).toMatchObject({ path: '/op_1/finish', body: { turn: 0, state: 'failed', error: 'because' } });
  });

  it('says again what a server that was away did not take', async () => {
    let answer: Answer = 503;
    const { record, sent } = await open({ ...made, '/op_1/progress': () => answer });
    record?.see(start);
    await tick();
    answer = goesOn;
    await tick();
    expect(sent[2]?.body.candidates).toHaveLength(1);
    expect(await record?.end({ error: 'over' })).toBe(true);
  });

  it('goes on with the one of an earlier run, also of one that was killed, and else begins another', async () => {
    let tries = 0;
    const resume = () => (tries++ === 0 ? 409 : { id: 'op_7', turn: 3 });
    const killed = await open({ ...made, '/op_7/resume': resume, '/op_7/stop': {} }, 'op_7');
    expect(killed.paths()).toEqual(['/op_7/resume', '/op_7/stop', '/op_7/resume']);
    expect(killed.record?.id).toBe('op_7');
    const gone = await open(made, 'op_8');
    expect(gone.record?.id).toBe('op_1');
    for (const { record } of [killed, gone]) await record?.end({ error: 'over' });
  });
});
