import type { Json } from '@wheelhouse/core/records';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { PostForm } from './auth/google-token.ts';
import { Exchange } from './exchange.ts';
import type { Transport } from './transport.ts';

const waitMs = 10_000;
const mostBytes = 64 * 1024;

function parse(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    return null;
  }
}

/** Sends a form and reads a small JSON answer; for tokens, which are asked for once an hour. */
export const postForm =
  (transport: Transport): PostForm =>
  (url, form) =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      let status = 0;
      const timer = setTimeout(() => end(new WheelhouseError('upstream_timeout', `${url.host} went silent.`)), waitMs);
      const exchange: Exchange = new Exchange(url.host, {
        onHeaders(given) {
          status = given;
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
        if (error === null) resolve({ status, body: parse(Buffer.concat(pieces)) });
        else reject(error);
      }
      exchange.dispatch(
        transport.open(url, { trusted: true }),
        {
          path: url.pathname + url.search,
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
          body: new URLSearchParams(form).toString(),
        },
        waitMs,
      );
    });
