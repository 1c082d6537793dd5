/**
 * A vendor that costs almost nothing: canned answers in OpenAI's chat dialect over plain sockets, so that it never is
 * what limits a gateway. A body with `"stream":true` gets 22 events, at once, or 5 ms apart when it says `"seed":5`.
 */
import { createServer } from 'node:net';

const words = 'the order left our warehouse this morning and the carrier expects to deliver it on Thursday '.split(' ');
const frame = {
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'gpt-4o-mini-2024-07-18',
};
const usage = { prompt_tokens: 212, completion_tokens: 160, total_tokens: 372 };

const whole = Buffer.from(
  JSON.stringify({
    ...frame,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: Array.from({ length: 140 }, (_, i) => words[i % words.length]).join(' '),
          refusal: null,
        },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      ...usage,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    service_tier: 'default',
  }),
);
const choice = (delta, finish = null) => [{ index: 0, delta, logprobs: null, finish_reason: finish }];
const events = [
  ...Array.from({ length: 19 }, (_, i) => ({
    ...frame,
    choices: choice({ content: `${words[i % words.length]} ` }),
    usage: null,
  })),
  { ...frame, choices: choice({}, 'stop'), usage: null },
  { ...frame, choices: [], usage },
].map((body) => `data: ${JSON.stringify(body)}\n\n`);
events.push('data: [DONE]\n\n');

const inChunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const wholeAnswer = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n`),
  whole,
]);
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const pieces = events.map((text) => Buffer.from(inChunk(text)));
const lastPiece = Buffer.from(`${inChunk(events[events.length - 1])}0\r\n\r\n`);
const burst = Buffer.concat([Buffer.from(streamHead), ...pieces.slice(0, -1), lastPiece]);
const firstPiece = Buffer.concat([Buffer.from(streamHead), pieces[0]]);
const paceMs = 5;

function pace(socket) {
  let next = 1;
  socket.write(firstPiece);
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    const last = next === pieces.length - 1;
    socket.write(last ? lastPiece : pieces[next++]);
    if (last) clearInterval(timer);
  }, paceMs);
}

function answer(socket, body) {
  if (!body.includes('"stream":true')) socket.write(wholeAnswer);
  else if (body.includes('"seed":5')) pace(socket);
  else socket.write(burst);
}

/** One request at a time on a connection, its length told by Content-Length or by a last chunk. */
function serve(socket) {
  let text = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    text += bytes.latin1Slice();
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd + 2))?.[1];
    const complete = length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= headEnd + 4 + Number(length);
    if (!complete) return;
    const body = text.slice(headEnd + 4);
    text = '';
    answer(socket, body);
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'ready', port: server.address().port }));
process.on('disconnect', () => process.exit(0));
