import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMailSink } from './mail-sink.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

type Received = { path: string; headers: Record<string, string>; text: string };

/** A sink as others run them: it keeps what came, and answers as it is told to. */
async function openSink() {
  const received: Received[] = [];
  /** `hold`: no answer, as long as it is so. */
  const state: { answer: number | 'hold' } = { answer: 200 };
  const server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers as Record<string, string>, text });
      if (state.answer !== 'hold') response.writeHead(state.answer).end('as told');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ received, state, url: `http://127.0.0.1:${port}` },
    at: (path: string) => received.filter((one) => one.path === path),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let sink: Awaited<ReturnType<typeof openSink>>;
let mail: Awaited<ReturnType<typeof openMailSink>>;
const start = () => startWheelhouse({ folder: folder.path, env: mail.env });
const secret = `whsec_${Buffer.from('a secret of tests').toString('base64')}`;

const cli = (...args: string[]) => runCli(['monitor', ...args], { env: { WHEELHOUSE_URL: house.url } });

/** Three traces of a minute ago, by the door that answers when they are stored. */
async function sendTraces(): Promise<void> {
  const startMs = Date.now() - 60_000;
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const spans = ['1', '2', '3'].map((digit) => ({
    ...{ traceId: digit.repeat(32), spanId: digit.repeat(16), name: 'chat echo', kind: 3, status: { code: 1 } },
    ...{ startTimeUnixNano: `${startMs}000000`, endTimeUnixNano: `${startMs + 800}000000` },
    attributes: [attribute('gen_ai.operation.name', 'chat'), attribute('gen_ai.request.model', 'echo')],
  }));
  const response = await fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  sink = await openSink();
  mail = await openMailSink();
  folder = await makeFolder();
  house = await start();
  await sendTraces();
  const setChannel = (channel: string, kind: 'webhook' | 'slack' | 'teams' | 'pagerduty', more: { secret?: string }) =>
    house.client.call('setChannel', { params: { channel }, body: { kind, url: `${sink.url}/${channel}`, ...more } });
  await setChannel('plain', 'webhook', { secret });
  await setChannel('chat', 'slack', {});
  await setChannel('team', 'teams', {});
  await setChannel('pager', 'pagerduty', { secret: 'a-routing-key' });
  const to = ['--to', 'ada@house.test', '--to', 'bob@house.test'];
  const made = await cli('channel', 'set', 'mail', '--kind', 'email', ...to);
  expect(made.stdout).toBe('  mail goes to ada@house.test, bob@house.test\n');
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
  sink?.close();
  await mail?.close();
});

const alertsOf = async (monitor: string) => (await house.client.call('listAlerts', { query: { monitor } })).data;
type Sent = {
  data: { alerts: { event: string; id: string; monitor: string; sentence: string; url: string; q: string }[] };
};
const alertsAt = (path: string, monitor: string) =>
  sink.at(path).flatMap(({ text }) => (JSON.parse(text) as Sent).data.alerts.filter((one) => one.monitor === monitor));
/** Traces of the last day, none of which is judged to come late. */
const many = ['--of', 'traces', '--window', '1d', '--above', '2'];

it('tells every kind of channel of an alert in its own form, once, with a way to the traces, and of its end', async () => {
  await untilListed(house.client, 3);
  const made = await cli(
    'new',
    'many',
    ...many,
    '--tell',
    'plain',
    '--tell',
    'chat',
    '--tell',
    'team',
    '--tell',
    'pager',
    '--tell',
    'mail',
  );
  expect(made).toMatchObject({ code: 0, stdout: '  many is watched\n' });
  await expect.poll(() => sink.received.length, { timeout: 60_000 }).toBe(4);

  const [plain] = sink.at('/plain');
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = plain?.headers ?? {};
  const signed = createHmac('sha256', 'a secret of tests').update(`${id}.${at}.${plain?.text}`).digest('base64');
  expect(signature).toBe(`v1,${signed}`);
  const [alert] = alertsAt('/plain', 'many');
  expect(alert).toMatchObject({
    ...{ event: 'opened', sentence: 'The number of traces is 3, above 2.' },
    url: `${house.url}/traces?q=${encodeURIComponent(alert?.q ?? '')}`,
  });
  expect((await house.client.call('listTraces', { query: { q: alert?.q ?? 'none' } })).data).toHaveLength(3);

  const bodyAt = (path: string) => JSON.parse(sink.at(path)[0]?.text ?? '{}');
  expect(bodyAt('/chat')).toMatchObject({
    text: 'Alert: many',
    blocks: [{ type: 'section', text: { type: 'mrkdwn' } }],
  });
  expect(bodyAt('/team')).toMatchObject({
    ...{ type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }] },
  });
  expect(bodyAt('/pager')).toMatchObject({
    ...{ routing_key: 'a-routing-key', event_action: 'trigger', dedup_key: alert?.id },
    payload: { source: 'wheelhouse', severity: 'error', summary: 'many: The number of traces is 3, above 2.' },
  });

  await expect.poll(() => mail.received).toHaveLength(1);
  expect(mail.received[0]).toMatchObject({
    ...{ to: ['ada@house.test', 'bob@house.test'], secure: true, user: 'alerts' },
    text: expect.stringMatching(/^Subject: Alert: many\r$/m),
  });

  const [kept] = await alertsOf('many');
  const told = async () => (await house.client.call('getAlert', { params: { alertId: kept?.id ?? '' } })).messages;
  await expect.poll(told).toMatchObject(Array.from({ length: 5 }, () => ({ status: 'delivered', attempts: 1 })));
  const { rows } = await house.client.call('getAttention', {});
  expect(rows).toContainEqual(expect.objectContaining({ kind: 'alert', text: expect.stringContaining('many: The') }));

  expect(await cli('rm', 'many')).toMatchObject({ code: 0 });
  await expect.poll(() => sink.received.length, { timeout: 60_000 }).toBe(8);
  expect(alertsAt('/plain', 'many').map(({ event }) => event)).toEqual(['opened', 'closed']);
  await expect.poll(() => mail.received).toHaveLength(2);
  expect(mail.received[1]?.text).toMatch(/^Subject: Over: many\r$/m);
  expect(JSON.parse(sink.at('/pager')[1]?.text ?? '{}')).toMatchObject({
    event_action: 'resolve',
    dedup_key: alert?.id,
  });
});

it('tells of an alert through a kill -9 while the sink is away, and under the same id of what it may have heard', async () => {
  sink.state.answer = 503;
  mail.state.isAway = true;
  await cli('new', 'through', ...many, '--tell', 'plain', '--tell', 'mail');
  const sent = () => sink.at('/plain').filter(({ text }) => text.includes('"through"'));
  await expect.poll(() => sent().length, { timeout: 60_000 }).toBeGreaterThan(0);
  const stateOf = async (channel: string) =>
    (await house.client.call('listChannels', {})).data.find(({ name }) => name === channel);
  const waiting = () => stateOf('plain');
  await expect.poll(waiting).toMatchObject({ waiting: 1, lastError: 'It answered with status 503: as told' });
  expect((await cli('channel', 'ls')).stdout).toMatch(
    /plain +webhook +127\.0\.0\.1:\d+ +1 +0 +It answered with status 503/,
  );

  const mailed = () => mail.received.filter(({ text }) => text.includes('through'));
  await expect
    .poll(() => stateOf('mail'))
    .toMatchObject({ waiting: 1, lastError: expect.stringContaining('451 Try again later') });

  sink.state.answer = 'hold';
  const refused = sent().length;
  await expect.poll(() => sent().length, { timeout: 60_000 }).toBeGreaterThan(refused);
  await house.stop('SIGKILL');
  sink.state.answer = 200;
  mail.state.isAway = false;
  const heard = sent().length;
  const refusedMails = mailed().length;
  house = await start();
  await expect.poll(() => sent().length, { timeout: 90_000 }).toBeGreaterThan(heard);
  expect(new Set(sent().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  await expect.poll(waiting, { timeout: 30_000 }).toMatchObject({ waiting: 0, failed: 0, lastError: null });
  await expect.poll(() => stateOf('mail'), { timeout: 30_000 }).toMatchObject({ waiting: 0, failed: 0 });
  expect(mailed()).toHaveLength(refusedMails + 1);
  expect(new Set(mailed().map(({ id }) => id)).size).toBe(1);
  expect(await alertsOf('through')).toHaveLength(1);
});

describe('a monitor', () => {
  it('keeps an alert and tells nobody while it is silent', async () => {
    const rule = { kind: 'above' as const, value: 1e6 };
    await house.client.call('setMonitor', { params: { monitor: 'quiet' }, body: { rule, channels: ['plain'] } });
    expect((await cli('silence', 'quiet', '2h')).stdout).toContain('tells nobody until');
    expect((await cli('new', 'quiet', ...many, '--tell', 'plain')).code).toBe(0);
    await expect.poll(() => alertsOf('quiet'), { timeout: 60_000 }).toMatchObject([{ untold: 'silenced' }]);
    const [alert] = await alertsOf('quiet');
    const { messages } = await house.client.call('getAlert', { params: { alertId: alert?.id ?? '' } });
    expect(messages).toEqual([]);
    expect((await cli('ls')).stdout).toMatch(/quiet +✕ alert, silent until/);
    expect((await cli('show', 'quiet')).stdout).toContain('The number of traces is 3, above 2.');
  });

  it('says what it would find, and keeps nothing of that', async () => {
    const tried = await cli(
      'new',
      'slow',
      'model:echo*',
      '--of',
      'latency:p90',
      '--above',
      '1min',
      '--least',
      '3',
      '--try',
    );
    expect(tried.stdout).toMatch(/✓ The latency \(p90\) was .+ traces\), not above 1m00s\./);
    const few = await cli('new', 'slow', '--of', 'score:grounded', '--below', '0.7', '--try');
    expect(few.stdout).toContain('– Nothing was measured; 20 are asked for.');
    const usual = await cli('new', 'slow', '--unusual', 'down', '--try');
    expect(usual.stdout).toContain('learned from two weeks');
    const drift = await cli('new', 'slow', '--drift', '--try');
    expect(drift.stdout).toContain('– Nothing was measured');
    const listed = async (q: string) => (await house.client.call('listTraces', { query: { q } })).data.length;
    const shown = await listed('');
    const rule = { kind: 'probe' as const, model: 'sim/echo', prompts: ['Oslo?', 'Rome?'] };
    expect(await house.client.call('testMonitor', { body: { rule } })).toMatchObject({
      ...{ found: 'nothing', rows: 2, sentence: expect.stringContaining('sim/echo was asked once'), q: 'run:probe' },
    });
    await expect.poll(() => listed('run:probe')).toBe(2);
    expect(await listed('')).toBe(shown);
    expect(await cli('show', 'slow')).toMatchObject({ code: 2, stderr: expect.stringContaining('no monitor `slow`') });
  });

  it('looks at each model by itself, at what a month costs and at a budget, and says what asking models would cost', async () => {
    await cli('new', 'each', ...many, '--by', 'model', '--tell', 'plain');
    await expect.poll(() => alertsOf('each'), { timeout: 60_000 }).toMatchObject([{ group: 'echo' }]);
    const told = () => alertsAt('/plain', 'each').map(({ event, sentence }) => `${event} ${sentence}`);
    await expect.poll(told).toEqual(['opened echo: The number of traces is 3, above 2.']);
    const shown = await cli('show', 'each');
    expect(shown.stdout).toMatch(/^ *model +state +traces +last look$/m);
    expect(shown.stdout).toMatch(/^ *echo +✕ alert +3 +The number of traces is 3, above 2\.$/m);
    expect((await cli('test', 'each')).stdout).toContain('✕ echo: The number of traces is 3, above 2.');
    const month = await cli('new', 'month', '--of', 'month_spend', '--above', '$5', '--try');
    expect(month.stdout).toContain('✓ The cost of this month at its end was $0, not above $5.00.');
    const { id } = await house.client.call('setBudget', { body: { scope: 'project', usd: 10 } });
    const budget = await cli('new', 'budget', '--of', `budget:${id}`, '--above', '80%', '--try');
    expect(budget.stdout).toContain(
      '✓ What is used of the budget was 0 %, not above 80 %. The project spent $0 of $10.00',
    );
    const asks = await cli('new', 'vendor', '--probe', 'sim/echo', '--ask', 'Oslo?', '--ask', 'Rome?', '--estimate');
    expect(asks).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/It asks for 2 calls 4 times a day: about \$/),
    });
    expect(await cli('show', 'vendor')).toMatchObject({ code: 2 });
    await cli('rm', 'each');
  });

  it.each([
    [['--of', 'latency', '--objective', '99%'], 'burn_rate takes'],
    [['--drift', '--by', 'model'], 'drift has no groups'],
    [['--window', '7m', '--above', '1'], 'windowMinutes'],
    [['last:1h', '--above', '1'], 'names a time'],
    [['--above', '1', '--tell', 'nobody'], 'no channel `nobody`'],
  ])('is refused: %j', async (args, said) => {
    const { code, stderr } = await cli('new', 'wrong', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

it('a channel says whether a test arrived, and stays while monitors tell it', async () => {
  expect(await cli('channel', 'test', 'chat')).toMatchObject({ code: 0, stdout: '  ✓ it arrived (200)\n' });
  expect(sink.at('/chat').at(-1)?.text).toContain('This is a test: nothing is wrong.');
  expect(await cli('channel', 'test', 'mail')).toMatchObject({ code: 0, stdout: '  ✓ it arrived\n' });
  sink.state.answer = 404;
  expect((await cli('channel', 'test', 'chat')).stderr).toContain('It answered with status 404');
  sink.state.answer = 200;
  expect((await cli('channel', 'rm', 'plain')).stderr).toContain('tells the channel plain');
  expect(await cli('channel', 'rm', 'team')).toMatchObject({ code: 0 });
  const { data } = await house.client.call('listChannels', {});
  expect(JSON.stringify(data)).not.toContain('a-routing-key');
});
