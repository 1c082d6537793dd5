import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attachments, Clock, LiveFeed, Random, ScoreStore, SpanFinder, WholeSpans } from '@wheelhouse/core/ports';
import {
  type Caller,
  isJsonObject,
  type Json,
  type JsonObject,
  parseExactJson,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { Ledger } from './ledger.ts';
import type { SplitCallDeps } from './price-split-calls.ts';
import { createRoom, readExport, requestsAtOnce } from './read-export.ts';

/** What the front doors of other vendors stand on. */
export type DoorDeps = SplitCallDeps & {
  ledger: Pick<Ledger, 'reject'>;
  finder: SpanFinder;
  scores: ScoreStore;
  wholeSpans: WholeSpans;
  feed: Pick<LiveFeed, 'publish'>;
  attachments: Attachments;
  clock: Clock;
  random: Random;
  /** Most bytes of a request, before and after decompression. */
  bodyLimit: number;
  /** Ours, for clients that ask. */
  version: string;
  /** Answers for prompts, which are models of the registry. */
  prompts: {
    answer(ask: {
      method: string;
      /** What follows the name of the collection. */
      path: string;
      query: URLSearchParams;
      by: Caller;
      body(): Promise<JsonObject>;
    }): Promise<DoorAnswer>;
  };
};

export type DoorRequest = {
  method: string;
  /** What follows the door's prefix, from its first slash on. */
  path: string;
  query: URLSearchParams;
  /** Of this server, as the client reached it: `https://host`. */
  origin: string;
  headers: IncomingMessage['headers'];
  by: Caller;
  /** Whole, and decompressed. */
  body(): Promise<Buffer>;
};

export type DoorAnswer = { status: number; body: object };

/** A part of another vendor's API, so that programs written for it work against this server. */
export type VendorDoor = {
  /** The path that all of it is under. */
  prefix: string;
  answer(request: DoorRequest): Promise<DoorAnswer>;
  /** An error in the form that the vendor's clients show. */
  errorBody(error: WheelhouseError): object;
};

type DoorContext = { by: Caller; path: string };

function send(res: ServerResponse, { status, body }: DoorAnswer, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
  res.end(text);
}

/** A proxy in front says whether it was reached over TLS. */
function originOf({ headers, socket }: IncomingMessage): string {
  const isSecure = headers['x-forwarded-proto'] === 'https' || 'encrypted' in socket;
  return `${isSecure ? 'https' : 'http'}://${headers.host}`;
}

/** @param bodyLimit bytes, before and after decompression */
export function createDoorHandler(door: VendorDoor, bodyLimit: number) {
  const room = createRoom(requestsAtOnce * bodyLimit);

  async function handle(req: IncomingMessage, res: ServerResponse, context: DoorContext): Promise<void> {
    let held = 0;
    const request: DoorRequest = {
      method: req.method ?? 'GET',
      path: context.path.slice(door.prefix.length),
      query: new URL(req.url ?? '/', 'http://localhost').searchParams,
      origin: originOf(req),
      headers: req.headers,
      by: context.by,
      async body() {
        const body = await readExport(req, { limit: bodyLimit, room });
        held = body.length;
        return body;
      },
    };
    const answer = await door.answer(request).finally(() => room.leave(held));
    send(res, answer);
  }

  function refuse(_: IncomingMessage, res: ServerResponse, error: WheelhouseError): void {
    if (res.headersSent) return void res.destroy();
    const answer = { status: error.status, body: door.errorBody(error) };
    send(res, answer, error.retryable ? { 'retry-after': '1' } : {});
  }

  return { prefix: door.prefix, handle, refuse };
}

/** @throws WheelhouseError `invalid_json` */
export function jsonOf(bytes: Buffer): Json {
  const invalid = (reason: string, cause?: unknown) =>
    new WheelhouseError('invalid_json', `The request body is not JSON: ${reason}.`, { cause });
  if (!isUtf8(bytes)) throw invalid('it is not UTF-8');
  try {
    return parseExactJson(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'unreadable', cause);
  }
}

/** @throws WheelhouseError `invalid_json`, `invalid_request` */
export async function objectBody(request: DoorRequest): Promise<JsonObject> {
  const body = jsonOf(await request.body());
  if (isJsonObject(body)) return body;
  throw new WheelhouseError('invalid_request', 'The request body is no object.');
}

export const notCovered = (method: string, path: string, guide: string): WheelhouseError =>
  new WheelhouseError('not_found', `Wheelhouse does not serve ${method} ${path}.`, {
    hint: `docs/guides/${guide} lists what it does.`,
  });

/** A piece of a path as the client meant it; as it came when it is encoded wrongly. */
export function pathText(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
