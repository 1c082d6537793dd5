import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
  for (const [i, content] of ['Is it open?', 'Is it far?', 'Is it free?'].entries())
    await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-wheelhouse-session': i < 2 ? 'talk' : 'other' },
      body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content }] }),
    });
  const graded = { reason: 'It repeats what was asked.', grade: 2, feedback: '' };
  const parameters = { sim: { input_price: 2, output_price: 8 } };
  const messages = [{ role: 'system' as const, content: `If asked about it, answer: ${JSON.stringify(graded)}` }];
  await house.client.call('createModel', {
    body: {
      name: 'critic',
      version: { definition: { flavor: 'prompt', baseModel: 'sim/rules', messages, parameters } },
    },
  });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

const score = (...args: string[]) => runCli(['trace', 'score', ...args], { env: { WHEELHOUSE_URL: house.url } });
const rubric = 'judge_rubric {"model":"critic@1","rubric":"Does it help?","schema":false}';

it('scores what was traced from the command line, once, and says what it took', async () => {
  const usdPerMillion = { inputUncached: '2', outputText: '8' };
  await house.client.call('createPrice', { body: { provider: 'sim', model: 'rules', usdPerMillion, source: 'test' } });
  const listed = async () => (await house.client.call('listTraces', { query: { q: 'model:echo*' } })).data.length;
  await expect.poll(listed, { timeout: 20_000 }).toBe(3);
  const named = ['model:echo*', '--scorers', `pii,help=${rubric}`];
  const first = await score(...named);
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('3 traces: 6 scored, 0 were already, 0 could'),
  });
  const { data: traces } = await house.client.call('listTraces', { query: { q: 'score.help=0.25 score.pii=1' } });
  expect(traces).toHaveLength(3);
  const [trace] = traces;
  const { data } = await house.client.call('listScores', { query: { traceId: trace?.traceId ?? '' } });
  expect(data.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: 'help', value: 0.25, source: 'judge', comment: 'It repeats what was asked.' },
    { name: 'pii', value: 1, source: 'code' },
  ]);
  expect(await score(...named)).toMatchObject({ code: 0, stdout: expect.stringContaining('0 scored, 6 were already') });
});

it('judges sessions, and asks before it costs more than was agreed', async () => {
  const named = ['model:echo*', '--sessions', '--scorers', rubric];
  const refused = await score(...named, '--confirm-above', '0');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/more than was agreed: 2 sessions, about \$0\.00/),
  });
  expect(await score(...named)).toMatchObject({ code: 0, stdout: expect.stringContaining('2 sessions: 2 scored') });
  const { data } = await house.client.call('listScores', { query: { sessionId: 'talk' } });
  expect(data).toMatchObject([{ name: 'judge_rubric', traceId: null }]);
});

it('says what is wrong before anything is asked', async () => {
  expect(await score('--scorers', 'exact')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing is expected'),
  });
  expect(await score()).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing says how to score') });
  expect(await score('name:nobody', '--scorers', 'pii')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('fits'),
  });
  const cancelled = await score('--cancel', 'scr_none');
  expect(cancelled.stderr).toContain('There is no scoring');
});
