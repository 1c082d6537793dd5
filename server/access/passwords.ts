import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '@wheelhouse/core/ports';

export type Passwords = {
  hash(password: string): Promise<string>;
  /** A person without a password, or none at all, takes as long as a wrong password. */
  fits(password: string, stored: string | null): Promise<boolean>;
};

export type ScryptCost = { N: number; r: number; p: number };

/** 64 MiB, twice: one of OWASP's equal choices for scrypt (RFC 7914). */
const usualCost: ScryptCost = { N: 2 ** 16, r: 8, p: 2 };
const length = 32;
const saltBytes = 16;
/** Each takes a thread and its memory; more wait, so that a flood of tries takes no more than this. */
const atOnce = 2;

function createTurns(limit: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

const derive = (password: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );

/** `scrypt$N$r$p$salt$key`, both in base64url: what was stored says how it was made. */
export function createPasswords(random: Random, cost: ScryptCost = usualCost): Passwords {
  const inTurn = createTurns(atOnce);

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = Buffer.from(random.bytes(saltBytes));
        const key = await derive(password, salt, cost);
        const { N, r, p } = cost;
        return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
      }),

    fits: (password, stored) =>
      inTurn(async () => {
        const [scheme, N, r, p, salt, key] = (stored ?? '').split('$');
        if (scheme !== 'scrypt' || salt === undefined || key === undefined) {
          await derive(password, Buffer.alloc(saltBytes), cost);
          return false;
        }
        const made = { N: Number(N), r: Number(r), p: Number(p) };
        const given = await derive(password, Buffer.from(salt, 'base64url'), made);
        const wanted = Buffer.from(key, 'base64url');
        return given.length === wanted.length && timingSafeEqual(given, wanted);
      }),
  };
}
