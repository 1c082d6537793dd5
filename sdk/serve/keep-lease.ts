import { type Client, WheelhouseApiError } from '../client/index.ts';

export type LeaseOptions = {
  client: Client;
  model: string;
  version: number;
  /** Where the server posts each call. */
  url: string;
  /** The token that calls carry from now on; another one when the lease had to be taken again. */
  onToken(token: string): void;
  /** Each time the server cannot be told that the host is there. */
  onTrouble?(error: unknown): void;
};

export type Lease = {
  /** Tells the server that nobody is here any more. */
  leave(): Promise<void>;
};

const isOver = (error: unknown) => error instanceof WheelhouseApiError && error.status === 404;

/**
 * Says to the server that a version of flavor *code* is answered here, and goes on saying so until it is left.
 * @throws WheelhouseApiError when it cannot be said for the first time
 */
export async function keepLease(options: LeaseOptions): Promise<Lease> {
  const { client, onToken, onTrouble, ...body } = options;
  const register = async () => {
    const { model, version, url } = body;
    const { id, token, renewEveryMs } = await client.call('registerHost', { body: { model, version, url } });
    onToken(token);
    return { id, renewEveryMs };
  };
  let lease = await register();
  let left = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewing: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    try {
      await client.call('renewHost', { params: { hostId: lease.id } });
    } catch (error) {
      if (!isOver(error)) return onTrouble?.(error);
      // The server was away for longer than the lease, or its store is another one.
      if (!left)
        await register().then(
          (next) => (lease = next),
          (again: unknown) => onTrouble?.(again),
        );
    }
  }
  function wait(): void {
    timer = setTimeout(() => {
      renewing = renew().then(() => {
        if (!left) wait();
      });
    }, lease.renewEveryMs);
  }
  wait();
  return {
    async leave() {
      left = true;
      clearTimeout(timer);
      await renewing;
      await client.call('removeHost', { params: { hostId: lease.id } }).catch(() => undefined);
    },
  };
}
