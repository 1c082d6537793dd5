/** Wakes the loader at each intended time; a thread of its own, because timers of the event loop are a millisecond coarse. */
import { parentPort, workerData } from 'node:worker_threads';

const { startMs, gapMs, count } = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
const now = () => performance.timeOrigin + performance.now();

for (let i = 0; i < count; i++) {
  const at = startMs + i * gapMs;
  const left = at - now();
  if (left > 0) Atomics.wait(cell, 0, 0, left);
  parentPort.postMessage(at);
}
