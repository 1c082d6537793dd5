import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { liveMessages } from './live-messages.ts';

it('reads messages that arrive in pieces, skips comments, and ends with the stream', async () => {
  const pieces = [
    ': hello\n\nid: 1\ndata: {"type":"mod',
    'els","name":"é"}\n',
    '\ndata: {"type":"datasets",\ndata: "name":"d"}\n\n',
  ];
  let authorization: string | undefined;
  const server = createServer((request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const messages = [];
  const options = { apiKey: 'k', signal: new AbortController().signal };
  for await (const message of liveMessages(`http://127.0.0.1:${port}`, options)) messages.push(message);
  server.close();
  expect(messages).toEqual([
    { type: 'models', name: 'é' },
    { type: 'datasets', name: 'd' },
  ]);
  expect(authorization).toBe('Bearer k');
});
