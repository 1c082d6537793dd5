import type {
  ForwardHandle,
  ForwardSink,
  HttpAnswer,
  HttpCaller,
  HttpRequest,
  ProviderReader,
} from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Dispatcher } from 'undici';
import { isPublicAddress } from './address-guard.ts';
import { Exchange } from './exchange.ts';
import type { Transport } from './transport.ts';

export type HttpCallerDeps = {
  transport: Transport;
  providers: ProviderReader;
  /** Whether addresses of the operator's own network may be called. */
  privateNetwork: boolean;
};

const connectMs = 10_000;
/** An answer that is kept whole is no longer than this. */
const mostBytes = 16 * 1024 * 1024;

const refused = (message: string, hint?: string) =>
  new WheelhouseError('invalid_request', message, { param: 'url', ...(hint === undefined ? {} : { hint }) });

/**
 * An address that models may call; whether its name leads into the operator's own network is looked at by each connection.
 * @throws WheelhouseError `invalid_request`
 */
export function callableAddress(text: string, privateNetwork: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw refused('The URL is not an http or https address without credentials.');
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const local = host === 'localhost' || /\.(localhost|local|internal|home\.arpa)$/.test(host);
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  if (!privateNetwork && (local || (isAddress && !isPublicAddress(host))))
    throw refused(
      `${host} is not a host of the public internet.`,
      'The operator sets up servers of their own network under `providers` in wheelhouse.config, or allows them with `models.privateNetwork`.',
    );
  return url;
}

/** Puts an answer together, or passes its text on. */
class Reading implements ForwardSink {
  readonly #onText: HttpRequest['onText'];
  readonly #done: (result: HttpAnswer | Error) => void;
  readonly #decoder = new TextDecoder();
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #status = 0;
  #headers: Record<string, string> = {};

  constructor(onText: HttpRequest['onText'], done: (result: HttpAnswer | Error) => void) {
    this.#onText = onText;
    this.#done = done;
  }

  get #passes(): boolean {
    return this.#onText !== null && this.#status < 400;
  }

  onHeaders(status: number, headers: Record<string, string>): void {
    this.#status = status;
    this.#headers = headers;
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#passes) {
      const text = this.#decoder.decode(chunk, { stream: true });
      if (text !== '') this.#tell(text);
      return true;
    }
    this.#bytes += chunk.length;
    if (this.#bytes > mostBytes)
      this.#done(new WheelhouseError('upstream_failed', `The answer is longer than ${mostBytes / 1024 / 1024} MB.`));
    else this.#pieces.push(Buffer.from(chunk));
    return true;
  }

  /** What the listener makes of it is an error of the call, not of the connection. */
  #tell(text: string): void {
    try {
      this.#onText?.(text);
    } catch (error) {
      this.#done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  onEnd(): void {
    const rest = this.#passes ? this.#decoder.decode() : '';
    if (rest !== '') this.#tell(rest);
    const body = Buffer.concat(this.#pieces).toString('utf8');
    this.#done({ status: this.#status, headers: this.#headers, body });
  }

  onError(error: Error): void {
    this.#done(error);
  }
}

/** Calls that models make over HTTP: by the connections, keys and rules of the calls to vendors. Redirects are refused. */
export function createHttpCaller({ transport, providers, privateNetwork }: HttpCallerDeps): HttpCaller {
  function send(request: HttpRequest, sink: ForwardSink): ForwardHandle {
    const { by, method, url, provider, traceparent } = request;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
    const body = request.body === null ? null : Buffer.from(request.body);
    if (provider !== null) {
      const found = providers.find(by.project, provider);
      if (found === null) throw refused(`There is no provider \`${provider}\`.`);
      const key = found.keys()[0] ?? null;
      return found.forward({ method, path: url, headers, body, key, connectTimeoutMs: connectMs }, sink);
    }
    const address = callableAddress(url, privateNetwork);
    const exchange = new Exchange(address.host, sink);
    const path = address.pathname + address.search;
    const sent = { method: method as Dispatcher.HttpMethod, path, body, headers: { ...headers, traceparent } };
    exchange.dispatch(transport.open(new URL(address.origin), { trusted: privateNetwork }), sent, connectMs);
    return exchange;
  }

  return {
    call: (request) =>
      new Promise((resolve, reject) => {
        const { signal, timeoutMs, onText } = request;
        if (signal.aborted) return reject(signal.reason);
        let handle: ForwardHandle | null = null;
        const end = (result: HttpAnswer | Error) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          if (!(result instanceof Error)) return resolve(result);
          handle?.abort();
          reject(result);
        };
        const stop = () => end(signal.reason instanceof Error ? signal.reason : new Error('The call was stopped.'));
        const late = () =>
          end(new WheelhouseError('upstream_timeout', `${request.url} did not answer within ${timeoutMs / 1000} s.`));
        const timer = setTimeout(late, timeoutMs);
        signal.addEventListener('abort', stop, { once: true });
        try {
          handle = send(request, new Reading(onText, end));
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
        }
      }),
  };
}
