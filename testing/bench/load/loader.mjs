/**
 * Sends requests to a gateway, as its parent says:
 * `closed`: so many connections, each sends its next request when it has its answer.
 * `open`: a fixed rate, whatever the answers do; times count from when a request was meant to be sent.
 */
import { Worker } from 'node:worker_threads';
import { openConnection } from './connection.mjs';

/** Ten digits of a body are counted up, so that no cache knows the answer. */
const counter = '0'.repeat(10);
let sent = 0;

function nextOf(template) {
  const at = template.indexOf(counter);
  if (at === -1) return template;
  const bytes = Buffer.from(template);
  sent += 1;
  bytes.latin1Write(String(sent).padStart(counter.length, '0'), at);
  return bytes;
}

const bytesOf = ({ path, headers, body, port }) =>
  Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      `host: 127.0.0.1:${port}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );

async function closed(job) {
  const bytes = bytesOf(job);
  const startedAt = performance.now();
  const until = startedAt + job.ms;
  const result = { done: 0, failed: 0, endMs: [], firstMs: [] };
  const run = async () => {
    let connection = openConnection(job.port);
    for (let at = performance.now(); at < until; at = performance.now()) {
      if (!connection.usable()) connection = openConnection(job.port);
      const { ok } = await connection.send(nextOf(bytes));
      if (ok) result.done++;
      else result.failed++;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: job.connections }, run));
  return { ...result, ms: performance.now() - startedAt };
}

async function open(job) {
  const bytes = bytesOf(job);
  const idle = Array.from({ length: job.connections }, () => openConnection(job.port));
  const all = new Set(idle);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const count = Math.round((job.ms / 1000) * job.rate);
  const result = { done: 0, failed: 0, endMs: [], firstMs: [] };
  const origin = performance.timeOrigin;
  const startMs = origin + performance.now() + 20;
  const ticker = new Worker(new URL('./ticker.mjs', import.meta.url), {
    workerData: { startMs, gapMs: 1000 / job.rate, count },
  });
  const sendOne = async (at) => {
    let connection = idle.pop();
    if (!connection?.usable()) {
      connection = openConnection(job.port);
      all.add(connection);
    }
    const { ok, firstAt, endAt } = await connection.send(nextOf(bytes));
    idle.push(connection);
    if (!ok) {
      result.failed++;
      return;
    }
    result.done++;
    result.firstMs.push(origin + firstAt - at);
    result.endMs.push(origin + endAt - at);
  };
  const running = [];
  ticker.on('message', (at) => running.push(sendOne(at)));
  await new Promise((resolve) => ticker.once('exit', resolve));
  await Promise.all(running);
  for (const connection of all) connection.close();
  return { ...result, ms: origin + performance.now() - startMs };
}

process.on('message', async (job) => {
  const result = await (job.mode === 'closed' ? closed(job) : open(job));
  process.send({ type: 'result', result });
});
process.on('disconnect', () => process.exit(0));
process.send({ type: 'ready', port: 0 });
