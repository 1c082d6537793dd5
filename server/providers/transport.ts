import { setMaxListeners } from 'node:events';
import { type Dispatcher, Pool } from 'undici';
import { guardedLookup } from './address-guard.ts';

/** Only for what waits behind a connection attempt that its own caller has given up. */
const connectTimeoutMs = 30_000;
/** More connections than this to one origin wait for another to end. */
const maxSockets = 4096;
const maxHeaderBytes = 64 * 1024;
/** Servers of Python close idle connections after 5 s without saying so; vendors' edges keep theirs for a minute or more. */
const idleMs = { 'http:': 4_000, 'https:': 30_000 };

/** The connections to vendors: a pool an origin, made when first used. */
export type Transport = {
  /** `trusted`: the operator named this host; any other may not lead into the operator's own network. */
  open(origin: URL, options: { trusted: boolean }): Dispatcher;
  close(): Promise<void>;
};

function openPool(origin: URL, { trusted, closing }: { trusted: boolean; closing: AbortSignal }): Pool {
  const idle = origin.protocol === 'https:' ? idleMs['https:'] : idleMs['http:'];
  return new Pool(origin.origin, {
    connections: maxSockets,
    pipelining: 1,
    // Waits for headers and between pieces belong to the gateway, which knows the route's.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idle,
    maxHeaderSize: maxHeaderBytes,
    // A pool that is destroyed leaves alone what is still being connected; the signal does not.
    connect: { timeout: connectTimeoutMs, signal: closing, ...(trusted ? {} : { lookup: guardedLookup }) },
  });
}

/** `Pool.dispatch`, because fetch costs seven times as much. It follows no redirects. */
export function createTransport(): Transport {
  const pools = new Map<string, Pool>();
  const closing = new AbortController();
  // Every connection listens to it.
  setMaxListeners(0, closing.signal);
  return {
    open(origin, { trusted }) {
      const key = `${origin.origin}${trusted ? '' : ' guarded'}`;
      const existing = pools.get(key);
      if (existing) return existing;
      const pool = openPool(origin, { trusted, closing: closing.signal });
      pools.set(key, pool);
      return pool;
    },
    async close() {
      closing.abort();
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}
