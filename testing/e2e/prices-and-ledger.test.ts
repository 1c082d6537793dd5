import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
const key = `admin-${randomBytes(24).toString('hex')}`;
const env = () => ({ WHEELHOUSE_URL: house.url, WHEELHOUSE_ADMIN_KEY: key });

beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: key } });
});
afterAll(async () => {
  await house.stop();
  await folder.remove();
});

const cli = (...args: string[]) => runCli(args, { cwd: folder.path, env: env() });
const text = (name: string, value: string) => ({ key: name, value: { stringValue: value } });
const count = (name: string, value: number) => ({ key: name, value: { intValue: String(value) } });
const noon = `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}T12:00:00.000Z`;
const day = noon.slice(0, 10);

/** A call of a million tokens in and a hundred thousand out. */
const span = (traceId: string, more: object[] = []) => ({
  ...{ traceId, spanId: randomBytes(8).toString('hex'), name: 'chat', kind: 3 },
  startTimeUnixNano: `${Date.parse(noon)}000000`,
  endTimeUnixNano: `${Date.parse(noon) + 5}000000`,
  attributes: [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', 'openai'),
    text('gen_ai.request.model', 'gpt-4o-mini'),
    text('gen_ai.response.model', 'gpt-4o-mini-2024-07-18'),
    count('gen_ai.usage.input_tokens', 1_000_000),
    count('gen_ai.usage.output_tokens', 100_000),
    ...more,
  ],
});
const post = (...spans: object[]) =>
  fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
const cost = async (traceId: string) =>
  (await house.client.call('getTrace', { params: { traceId } })).trace.costNanoUsd;

describe('the price of calls', () => {
  const traceId = randomBytes(16).toString('hex');
  const [batch, priority] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];

  it('is the catalogue’s: half for a batch, unknown where the vendor’s price is', async () => {
    const tier = (name: string) => [text('openai.response.service_tier', name)];
    await post(span(traceId), span(batch, tier('batch')), span(priority, tier('priority')));
    await expect.poll(() => cost(traceId)).toBe('210000000');
    expect(await cost(batch)).toBe('105000000');
    expect(await cost(priority)).toBeNull();
  });

  it('is set by a person, from a day on, and the calls of before are priced again', async () => {
    const rates = ['--input', '0.1', '--output', '0.5', '--above', '200000:input=0.2,output=1'];
    const set = await cli('prices', 'set', 'openai/gpt-4o-mini*', ...rates, '--from', day, '--source', 'contract 7');
    expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining('prices reprice --from') });
    expect((await cli('prices', 'ls', '--own')).stdout).toMatch(/openai\/gpt-4o-mini\* .*\$0\.100 .*>200000/);
    const estimate = await cli('prices', 'reprice', '--from', day);
    expect(estimate.stdout).toContain('3 calls, $0.315 now; 1 without a price');
    expect(estimate.stderr).toContain('--yes');
    expect(await cost(traceId)).toBe('210000000');
    const done = await cli('prices', 'reprice', '--from', day, '--yes');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/completed: 1 call of 3 changed/) });
    await expect.poll(() => cost(traceId)).toBe('300000000');
    const { spans, trace } = await house.client.call('getTrace', { params: { traceId } });
    const tokens = { inputTokens: 1_000_000, outputTokens: 100_000 };
    expect(trace).toMatchObject({ name: 'chat', kind: 'generation', spanCount: 1, unpricedCalls: 0, ...tokens });
    const spanId = spans[0]?.spanId ?? '';
    const { data } = await house.client.call('listSpanCosts', { params: { traceId, spanId } });
    expect(data).toMatchObject([
      { revision: 1, totalNanoUsd: '300000000', priceId: expect.stringMatching(/^price_/) },
      { revision: 0, totalNanoUsd: '210000000', priceId: expect.stringMatching(/openai\/gpt-4o-mini$/) },
    ]);
  });

  it('is put beside the bill, by model and day', async () => {
    const bill = join(folder.path, 'bill.csv');
    await writeFile(bill, `date,model,usd\n${day},gpt-4o-mini-2024-07-18,0.5\n${day},web search,0.01\n`);
    const table = await cli('prices', 'reconcile', bill, '--provider', 'openai');
    expect(table.stdout).toMatch(
      new RegExp(`${day} +gpt-4o-mini-2024-07-18 +\\$0\\.405 +\\$0\\.500 +\\$0\\.0950 +3 +1\n`),
    );
    expect(table.stdout).toMatch(/web search +\$0\.0100 +\$0\.0100\n/);
    expect(table.stderr).toContain('prices set');
    const json = await cli('prices', 'reconcile', bill, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ calls: 3, unpriced: 1, residualNanoUsd: '105000000' });
  });

  it('ends, and says who did what', async () => {
    const [own] = (await house.client.call('listPrices', { query: { origin: 'own' } })).data;
    expect(await cli('prices', 'end', own?.id ?? '', '--at', day)).toMatchObject({ code: 0 });
    const { data } = await house.client.call('listAudit', { query: { limit: 10 } });
    const actions = data.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['price.create', 'price.end', 'repricing.create']));
  });

  it('asks for what is missing', async () => {
    expect(await cli('prices', 'set', 'gpt-4o-mini', '--input', '1')).toMatchObject({ code: 2 });
    expect(await cli('prices', 'reconcile', join(folder.path, 'nowhere.csv'))).toMatchObject({ code: 2 });
    expect(await cli('prices', 'end', 'price_none')).toMatchObject({ code: 2 });
  });
});

describe('what is refused', () => {
  const good = randomBytes(16).toString('hex');

  it('is in the ledger with its reason, and kept without its secrets', async () => {
    const secret = text('http.request.header.authorization', 'Basic c2VjcmV0');
    const answer = await post(span('zzz', [secret]));
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    const ledger = await cli('ingest', 'ledger');
    expect(ledger.stdout).toMatch(/ {2}otlp +4 +3 +1 +0 +0\n/);
    expect(ledger.stdout).toMatch(/otlp +1 +traceId/);
    const [letter] = (await house.client.call('listDeadLetters', {})).data;
    const body = await cli('ingest', 'dead-letters', letter?.id ?? '');
    expect(body.stdout).toContain('"traceId":"zzz"');
    expect(body.stdout).not.toContain('c2VjcmV0');
  });

  it('stays where it is while nobody repairs it', async () => {
    const again = await cli('ingest', 'replay', '--source', 'otlp');
    expect(again).toMatchObject({ code: 1, stdout: expect.stringMatching(/refused again: traceId/) });
    expect((await house.client.call('listDeadLetters', {})).data).toMatchObject([{ replays: 1 }]);
  });

  it('is repaired, and comes in through the same door', async () => {
    const [letter] = (await house.client.call('listDeadLetters', {})).data;
    const { stdout } = await cli('ingest', 'dead-letters', letter?.id ?? '');
    const file = join(folder.path, 'letter.json');
    await writeFile(file, stdout.replace('"zzz"', `"${good}"`));
    expect(await cli('ingest', 'repair', letter?.id ?? '', file)).toMatchObject({ code: 0 });
    expect(await cli('ingest', 'replay')).toMatchObject({ code: 0, stdout: '  ✓ 1 taken\n' });
    await expect.poll(() => cost(good)).toBe('210000000');
    expect((await cli('ingest', 'dead-letters')).stdout).toBe('  There are no dead letters.\n');
  });

  it('is still counted after the server was stopped, and balances after it was killed', async () => {
    const account = async () => {
      const { sources } = await house.client.call('getLedger', {});
      return sources.find(({ source }) => source === 'otlp');
    };
    const restart = async (signal: NodeJS.Signals) => {
      await house.stop(signal);
      house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: key } });
    };
    const before = await account();
    expect(before).toMatchObject({ received: 6, stored: 4, rejected: 2, waiting: 0 });
    await restart('SIGTERM');
    expect(await account()).toEqual(before);
    await post(span(randomBytes(16).toString('hex')), span('zzz'));
    await restart('SIGKILL');
    const { received = 0, stored = 0, rejected = 0, waiting = 0 } = (await account()) ?? {};
    expect(stored + rejected + waiting).toBe(received);
    // A kill takes back at most what happened in the last half second.
    expect(received).toBeGreaterThanOrEqual(6);
    expect(received).toBeLessThanOrEqual(8);
  });
});
