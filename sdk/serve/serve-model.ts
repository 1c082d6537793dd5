import { isJsonObject, type Json, type JsonObject } from '@wheelhouse/core/records';
import type { ServeContext, ServedFunction } from './served-model.ts';

/** What a host is asked, by its server. */
type HostAsk = { input: Json; messages: Json[]; parameters: JsonObject; stream: boolean };

type Refusal = { message: string; code?: string; hint?: string };

const jsonResponse = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const refuse = (status: number, error: Refusal) => jsonResponse(status, { error });

/** In time that tells nothing of how much is right. */
function sameText(a: string, b: string): boolean {
  let different = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) different |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length));
  return different === 0;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** An error that the function threw; a `code` and a `hint` of ours are passed on. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  return {
    message: error.message === '' ? error.name : error.message,
    ...(isText(code) ? { code } : {}),
    ...(isText(hint) ? { hint } : {}),
  };
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (Symbol.asyncIterator in value || Symbol.iterator in value);

/** What is sent is JSON: what is none, a date for one, becomes what `JSON.stringify` makes of it. */
function jsonOf(value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  if (text === undefined) throw new TypeError(`The function returned a ${typeof value}, which is no JSON.`);
  return JSON.parse(text) as Json;
}

/** @param signal when nobody waits any more, no more pieces are asked for */
async function answer(given: unknown, signal: AbortSignal, onText: (piece: string) => void): Promise<Json> {
  const result = await given;
  if (!isIterable(result)) return jsonOf(result);
  let whole = '';
  for await (const piece of result) {
    if (signal.aborted) break;
    if (!isText(piece)) throw new TypeError('The function yielded something that is no text.');
    whole += piece;
    if (piece !== '') onText(piece);
  }
  return whole;
}

function streamed(work: (onText: (piece: string) => void) => Promise<Json>, leave: () => void): Response {
  const encoder = new TextEncoder();
  let open = true;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (event: string, data: object) => {
        if (open) controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      };
      try {
        send('output', { output: await work((text) => send('text', { text })) });
      } catch (error) {
        send('error', { error: refusalOf(error) });
      }
      if (open) controller.close();
    },
    cancel() {
      open = false;
      leave();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

function readAsk(body: unknown): HostAsk | null {
  if (!isJsonObject(body)) return null;
  const { input, messages, parameters, stream } = body;
  return {
    input: input ?? {},
    messages: Array.isArray(messages) ? messages : [],
    parameters: isJsonObject(parameters) ? parameters : {},
    stream: stream === true,
  };
}

export type ServeOptions = {
  /** Of the lease; calls without it are refused. */
  token: string;
  /** Hears what the function throws, which the caller is told as well. */
  onError?(error: unknown): void;
};

/** Answers the calls that a Wheelhouse server makes to a host of code, wherever there is `Request` and `Response`. */
export function serveModel(
  predict: ServedFunction,
  { token, onError }: ServeOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const given = request.headers.get('authorization') ?? '';
    if (!sameText(given, `Bearer ${token}`))
      return refuse(401, { message: 'The call carries no token of a lease that is known here.' });
    if (request.method !== 'POST') return refuse(405, { message: 'A call is a POST.' });
    const ask = readAsk(await request.json().catch(() => null));
    if (ask === null) return refuse(400, { message: 'The call is no JSON object.' });
    const { input, messages, parameters, stream } = ask;
    const left = new AbortController();
    const leave = () => left.abort(new Error('Nobody waits for the answer any more.'));
    if (request.signal.aborted) leave();
    request.signal.addEventListener('abort', leave, { once: true });
    const traceparent = request.headers.get('traceparent');
    const context: ServeContext = { messages, parameters, traceparent, signal: left.signal };
    const work = (onText: (piece: string) => void) =>
      answer(runNow(predict, input, context), left.signal, onText).catch((error: unknown) => {
        onError?.(error);
        throw error;
      });
    if (stream) return streamed(work, leave);
    try {
      return jsonResponse(200, { output: await work(() => undefined) });
    } catch (error) {
      return refuse(500, refusalOf(error));
    }
  };
}

/** What it throws at once is no other than what it rejects with. */
async function runNow(predict: ServedFunction, input: Json, context: ServeContext): Promise<unknown> {
  return predict(input, context);
}
