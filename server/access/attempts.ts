import type { AccessStore, Random } from '@wheelhouse/core/ports';
import { hashSecret } from './secrets.ts';

/** Tries that may fail one after another, and how long one of them counts. */
const perAccount = 10;
const perAddress = 50;
const windowMs = 15 * 60_000;
const idBytes = 12;

export type Attempt = {
  /** Milliseconds until another try is taken; 0: now. It counts as failed until `succeeded` says otherwise. */
  waitMs: number;
  succeeded(): Promise<void>;
};

/**
 * Slows guessing down, by account and by address; both count failures of the last quarter of an hour, at whichever server.
 * An account is what was typed, whether there is one or not, so that being slowed down tells nothing; it is kept as a hash.
 */
export function createAttempts({
  store,
  random,
  nowMs,
}: {
  store: Pick<AccessStore, 'countTry' | 'takeBackTry'>;
  random: Random;
  nowMs(): number;
}) {
  return {
    async begin(account: string, address: string): Promise<Attempt> {
      const id = Buffer.from(random.bytes(idBytes)).toString('base64url');
      const ofAccount = hashSecret(`account ${account}`);
      const counts = [
        { name: ofAccount, most: perAccount },
        { name: hashSecret(`address ${address}`), most: perAddress },
      ];
      const waitMs = await store.countTry({ id, atMs: nowMs(), windowMs, counts });
      return { waitMs, succeeded: () => store.takeBackTry(id, ofAccount) };
    },
  };
}
