/** Exporters of OTLP protobuf, as many at once as told, each of which sends its next request when the last was acknowledged. */
import { openConnection } from './connection.mjs';
import { createPayload } from './otlp-payload.mjs';

let seed = process.pid * 100;

async function run({ port, exporters, spans, ms, requests = Number.POSITIVE_INFINITY }) {
  const startedAt = performance.now();
  const result = { acknowledged: 0, requests: 0, failed: 0, bytes: 0, endMs: [] };
  const exporter = async () => {
    const payload = createPayload(spans, ++seed);
    const connection = openConnection(port);
    const length = payload.next().length;
    result.bytes = length;
    const head = Buffer.from(
      `POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`,
    );
    while (performance.now() - startedAt < ms && result.requests < requests) {
      result.requests++;
      const sentAt = performance.now();
      const { ok, endAt } = await connection.send(Buffer.concat([head, payload.next()]));
      if (ok) {
        result.acknowledged += spans;
        result.endMs.push(endAt - sentAt);
      } else result.failed++;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: exporters }, exporter));
  return { ...result, ms: performance.now() - startedAt };
}

process.on('message', async (job) => process.send({ type: 'result', result: await run(job) }));
process.on('disconnect', () => process.exit(0));
process.send({ type: 'ready', port: 0 });
