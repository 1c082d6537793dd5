import { connect } from 'node:net';

const separator = '\r\n\r\n';
/** Long enough for the last event of a stream and the chunk that ends it. */
const keptTail = 40;

/**
 * One kept-alive connection that sends a request and reads its answer with as little work as possible.
 * @param port on loopback
 * @returns `send(bytes)` resolves with `{ ok, firstAt, endAt }`, milliseconds of `performance.now`; not ok: no 200, or cut short
 */
export function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let done = null;
  let head = '';
  let answer = null;

  function finish(ok) {
    const settle = done;
    const firstAt = answer?.firstAt ?? 0;
    done = null;
    head = '';
    answer = null;
    settle?.({ ok, firstAt, endAt: performance.now() });
  }

  function takeBody(bytes) {
    if (bytes.length === 0) return;
    answer.firstAt ??= performance.now();
    answer.received += bytes.length;
    if (answer.length !== null) {
      if (answer.received >= answer.length) finish(answer.ok);
      return;
    }
    answer.tail = (answer.tail + bytes.latin1Slice(Math.max(0, bytes.length - keptTail))).slice(-keptTail);
    if (answer.tail.endsWith('\r\n0\r\n\r\n'))
      finish(answer.ok && (!answer.streamed || answer.tail.includes('[DONE]')));
  }

  socket.on('data', (bytes) => {
    if (done === null) return;
    if (answer !== null) return takeBody(bytes);
    const before = head.length;
    head += bytes.latin1Slice();
    const end = head.indexOf(separator);
    if (end === -1) return;
    const fields = head.slice(0, end).toLowerCase();
    const length = /\r\ncontent-length: *(\d+)/.exec(fields)?.[1];
    answer = {
      ok: head.startsWith('HTTP/1.1 200'),
      streamed: fields.includes('event-stream'),
      length: length === undefined ? null : Number(length),
      received: 0,
      firstAt: null,
      tail: '',
    };
    if (answer.length === 0) finish(answer.ok);
    else takeBody(bytes.subarray(end + separator.length - before));
  });
  socket.on('error', () => finish(false));
  socket.on('close', () => finish(false));

  return {
    send(bytes) {
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve({ ok: false, firstAt: 0, endAt: performance.now() });
        done = resolve;
        socket.write(bytes);
      });
    },
    usable: () => !socket.destroyed,
    close: () => socket.destroy(),
  };
}
