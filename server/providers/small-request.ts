import { type Json, WheelhouseError } from '@wheelhouse/core/records';
import type { Dispatcher } from 'undici';
import type { PostForm } from './auth/google-token.ts';
import { Exchange } from './exchange.ts';
import type { Transport } from './transport.ts';

const waitMs = 10_000;
const mostBytes = 64 * 1024;

export type SmallAnswer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };
export type SmallAsk = {
  method?: 'GET' | 'PUT' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  waitMs?: number;
};

/** Sends a request to an address that the operator or this program names, and reads a small answer. */
export type SmallRequest = (url: URL, ask: SmallAsk) => Promise<SmallAnswer>;

/** null: it is no JSON. */
export function jsonOf({ text }: Pick<SmallAnswer, 'text'>): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

export const formHeaders = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** For tokens, which are asked for once an hour. No redirect is followed. */
export const smallRequest =
  (transport: Transport): SmallRequest =>
  (url, { method = 'GET', headers = {}, body = null, waitMs: longest = waitMs }) =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      let head: Omit<SmallAnswer, 'text'> = { status: 0, headers: {} };
      const silent = () => end(new WheelhouseError('upstream_timeout', `${url.host} went silent.`));
      const timer = setTimeout(silent, longest);
      const exchange: Exchange = new Exchange(url.host, {
        onHeaders(status, given) {
          head = { status, headers: given };
        },
        onData(chunk) {
          bytes += chunk.length;
          if (bytes > mostBytes) end(new WheelhouseError('upstream_failed', `${url.host} sent too much for a token.`));
          else pieces.push(Buffer.from(chunk));
          return true;
        },
        onEnd: () => end(null),
        onError: (error) => end(error),
      });
      function end(error: Error | null): void {
        clearTimeout(timer);
        exchange.abort();
        if (error === null) resolve({ ...head, text: Buffer.concat(pieces).toString('utf8') });
        else reject(error);
      }
      const path = url.pathname + url.search;
      const options: Dispatcher.DispatchOptions = { path, method, headers, body };
      exchange.dispatch(transport.open(url, { trusted: true }), options, longest);
    });

/** A form, answered in JSON. */
export const postForm =
  (request: SmallRequest): PostForm =>
  async (url, form) => {
    const answer = await request(url, {
      method: 'POST',
      headers: formHeaders,
      body: new URLSearchParams(form).toString(),
    });
    return { status: answer.status, body: jsonOf(answer) };
  };
