import type { ForwardHandle, ForwardRequest, Provider } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Dispatcher } from 'undici';
import { type AuthDeps, type Authenticate, createAuthenticate, type Outgoing } from './auth/authenticate.ts';
import { createMachineAuthenticate } from './auth/machine-identity.ts';
import { asServerSentEvents } from './aws-event-stream.ts';
import { Exchange } from './exchange.ts';
import type { ProviderSetup } from './provider-setup.ts';
import type { Transport } from './transport.ts';

export type ProviderDeps = AuthDeps & { transport: Transport };

/** `/../` would leave the base URL, and with it the account that it stands for. */
const leavesBase = /(?:^|\/)(?:\.|%2e){1,2}(?:[/?#]|$)/i;

function authenticateOf({ vendor, settings, identity }: ProviderSetup, deps: ProviderDeps): Authenticate {
  const { auth } = vendor;
  if (identity === null || vendor.identity === null) return createAuthenticate(auth, settings, deps);
  const service = auth.type === 'aws' ? auth.service : '';
  return createMachineAuthenticate(vendor.identity, { settings, service }, { ...deps, env: identity });
}

/** A vendor behind its address; made once, for all calls. */
export function createProvider(setup: ProviderSetup, deps: ProviderDeps): Provider {
  const { vendor, name } = setup;
  const base = new URL(setup.baseUrl);
  const basePath = base.pathname.replace(/\/$/, '');
  const dispatcher = deps.transport.open(base, { trusted: setup.trusted });
  const authenticate = authenticateOf(setup, deps);
  const where = `${name} at ${base.host}`;
  const framed = vendor.auth.type === 'aws';

  function outgoing(request: ForwardRequest): Outgoing {
    const { path } = request;
    if (!path.startsWith('/') || leavesBase.test(path))
      throw new WheelhouseError('invalid_request', `\`${path}\` is no path below the address of ${name}.`);
    // A caller may say another version than the vendor's default; what the operator configured stays, and keys come last.
    const headers = { ...vendor.headers, ...request.headers, ...setup.headers };
    return { method: request.method, host: base.host, path: basePath + path, headers, body: request.body };
  }

  function send(exchange: Exchange, request: Outgoing, connectTimeoutMs: number): void {
    const { method, path, headers, body } = request;
    exchange.dispatch(dispatcher, { path, method: method as Dispatcher.HttpMethod, headers, body }, connectTimeoutMs);
  }

  return {
    name,
    id: setup.id,
    endpoints: vendor.endpoints,
    embeddings: vendor.embeddings,
    keys: () => setup.keys,
    keyHint: setup.keyNeeded ? setup.keyVariable : null,
    forward(request, sink): ForwardHandle {
      const exchange: Exchange = new Exchange(
        where,
        framed ? asServerSentEvents(sink, (error) => exchange.fail(error)) : sink,
      );
      const sent = outgoing(request);
      const { key, connectTimeoutMs } = request;
      const waiting = key === null ? undefined : authenticate(sent, key.secret);
      if (waiting === undefined) send(exchange, sent, connectTimeoutMs);
      else
        waiting.then(
          () => send(exchange, sent, connectTimeoutMs),
          (error: unknown) => exchange.fail(error instanceof Error ? error : new Error(String(error))),
        );
      return exchange;
    },
  };
}
