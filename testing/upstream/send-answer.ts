import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { bedrockErrors } from './bedrock-converse.ts';
import { type Behaviour, saidBy } from './behaviour.ts';
import type { Sent, Speech, Told } from './dialect.ts';
import { otherAnswer } from './other-answers.ts';
import type { Call } from './upstream.ts';

type Answering = {
  call: Call;
  res: ServerResponse;
  /** null: no conversation. */
  speech: Speech | null;
  behaviour: Behaviour;
  path: string;
  stream: boolean;
  /** Told before this side breaks the connection. */
  broke(): void;
};

const usageOf = ({ noUsage, usageWithFinish }: Behaviour): Told['usage'] => {
  if (noUsage) return 'none';
  return usageWithFinish ? 'withFinish' : 'last';
};

function toldBy({ call, behaviour }: Answering): Told {
  const { number, body, model } = call;
  return { ...saidBy(behaviour, 'Four.'), number, body, model, usage: usageOf(behaviour) };
}

/** Writes, and waits as long as the reader is slow. */
async function write({ res, call }: Answering, bytes: Buffer): Promise<void> {
  if (res.destroyed) return;
  call.sent += bytes.length;
  if (res.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
}

/** All that was written has left, so that breaking the connection loses nothing of it. */
const flushed = (res: ServerResponse) =>
  new Promise<void>((resolve) => (res.destroyed ? resolve() : res.socket?.write('', () => resolve())));

async function breakOff(answering: Answering): Promise<void> {
  const { res, broke } = answering;
  await flushed(res);
  broke();
  res.socket?.destroy();
}

const untilClosed = (res: ServerResponse) =>
  new Promise<void>((resolve) => (res.destroyed ? resolve() : res.on('close', () => resolve())));

/** Waits, unless the connection closes first. */
async function pause(res: ServerResponse, ms: number): Promise<void> {
  if (res.destroyed) return;
  const over = new AbortController();
  const stop = () => over.abort();
  res.on('close', stop);
  await sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
  res.off('close', stop);
}

/** The bytes of an event as this vendor frames them. */
function framed({ text }: Sent, { crlf, comments }: Behaviour): Buffer {
  if (typeof text !== 'string') return text;
  const whole = comments ? `: keep-alive\n\n${text}` : text;
  return Buffer.from(crlf ? whole.replaceAll('\n', '\r\n') : whole);
}

/** What a script has in store after so many content events. */
function faultAt(behaviour: Behaviour, content: number): 'cut' | 'stall' | 'error' | 'end' | null {
  if (behaviour.cutAfter === content) return 'cut';
  if (behaviour.stallAfter === content) return 'stall';
  if (behaviour.errorAfter === content) return 'error';
  return behaviour.endAfter === content ? 'end' : null;
}

async function fail(answering: Answering, speech: Speech, fault: 'cut' | 'stall' | 'error' | 'end'): Promise<void> {
  const { res, behaviour } = answering;
  if (fault === 'cut') return breakOff(answering);
  if (fault === 'stall') return untilClosed(res);
  if (fault === 'error') await write(answering, framed(speech.errorEvent('The model is overloaded.'), behaviour));
  res.end();
}

async function sendEvents(answering: Answering, speech: Speech): Promise<void> {
  const { res, behaviour } = answering;
  const { packetBytes, gapMs } = behaviour;
  res.writeHead(200, { 'content-type': speech.contentType, 'cache-control': 'no-cache', ...behaviour.headers });
  res.socket?.setNoDelay(true);
  let content = 0;
  for (const sent of speech.events(toldBy(answering))) {
    if (res.destroyed) return;
    const before = sent.content && content === 0 ? faultAt(behaviour, 0) : null;
    if (before) return fail(answering, speech, before);
    const bytes = framed(sent, behaviour);
    const step = packetBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      await write(answering, bytes.subarray(at, at + step));
      if (packetBytes !== undefined) await nextTurn();
    }
    if (sent.content) {
      content += 1;
      const fault = faultAt(behaviour, content);
      if (fault) return fail(answering, speech, fault);
    }
    if (gapMs !== undefined) await pause(res, gapMs);
  }
  res.end();
}

async function sendBody(answering: Answering, { status, body }: { status: number; body: string }): Promise<void> {
  const { res, call, behaviour } = answering;
  const bytes = Buffer.from(body);
  const named =
    call.path.includes('converse') && status >= 400 ? { 'x-amzn-errortype': bedrockErrors[status] ?? '' } : {};
  const moved = behaviour.location === undefined ? {} : { location: behaviour.location };
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'request-id': `req_upstream${call.number}`,
    'x-request-id': `req_upstream${call.number}`,
    ...named,
    ...moved,
    ...behaviour.headers,
  });
  const { cutAfter, stallAfter } = behaviour;
  const whole = cutAfter === undefined && stallAfter === undefined;
  await write(answering, whole ? bytes : bytes.subarray(0, bytes.length / 2));
  if (cutAfter !== undefined) return breakOff(answering);
  if (stallAfter !== undefined) return untilClosed(res);
  res.end();
}

/** Answers one call as its script says. */
export async function sendAnswer(answering: Answering): Promise<void> {
  const { res, speech, behaviour, call, path, stream } = answering;
  if (behaviour.delayMs !== undefined) await pause(res, behaviour.delayMs);
  if (behaviour.after !== undefined) await Promise.race([behaviour.after, untilClosed(res)]);
  if (behaviour.silent) return untilClosed(res);
  if (res.destroyed) return;
  if (behaviour.reset) {
    answering.broke();
    res.socket?.resetAndDestroy();
    return;
  }
  const status = behaviour.status ?? (behaviour.location === undefined ? 200 : 307);
  if (behaviour.body !== undefined) return sendBody(answering, { status, body: behaviour.body });
  if (status !== 200) {
    const message = `The vendor answers ${status} to ${call.model}.`;
    const body = speech
      ? speech.error(status, message)
      : { error: { message, type: 'api_error', param: null, code: null } };
    return sendBody(answering, { status, body: JSON.stringify(body) });
  }
  if (speech && stream) return sendEvents(answering, speech);
  const body = speech ? speech.whole(toldBy(answering)) : otherAnswer(path, call.body);
  return sendBody(answering, { status, body: JSON.stringify(body) });
}
