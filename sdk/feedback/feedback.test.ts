import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFeedback } from './index.ts';

type Sent = { traceId: string; name: string; value: boolean | number; comment?: string };
const sent: Sent[] = [];
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', () => {
    sent.push(JSON.parse(text) as Sent);
    response.writeHead(204).end();
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => void sent.splice(0));

const open = () =>
  createFeedback({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'pk_1' });

test('what users do with an answer becomes a score of its name', async () => {
  const feedback = open();
  expect(await feedback.copied('t1')).toBe(true);
  await feedback.regenerated('t1');
  await feedback.escalated('t1');
  await feedback.sourceClicked('t1', 'https://example.com/terms');
  const on = { key: 'pk_1', traceId: 't1', value: true };
  expect(sent).toEqual([
    { ...on, name: 'copied' },
    { ...on, name: 'regenerated' },
    { ...on, name: 'escalated' },
    { ...on, name: 'source_clicked', comment: 'https://example.com/terms' },
  ]);
});

test.each([
  ['one two three four', 'one two three four', 1],
  ['one two three four', 'one 2 three four', 0.75],
  ['one two', 'zero one two three', 0.5],
  ['one two', '', 0],
  ['', 'all of it is mine', 0],
  ['', '', 1],
])('what was kept of %j in %j is %d', async (before, after, kept) => {
  await open().edited('t1', before, after);
  expect(sent).toEqual([{ key: 'pk_1', traceId: 't1', name: 'kept', value: kept }]);
});
