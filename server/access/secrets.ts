import { hash } from 'node:crypto';
import type { Random } from '@wheelhouse/core/ports';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretBytes = 32;
const digits = 43;

/** What every key of ours begins with, so that it is known wherever it turns up. */
export const keyPrefix = 'wh_';

/** 32 random bytes, in letters and digits. */
export function newSecret(prefix: string, random: Random): string {
  let rest = BigInt(`0x${Buffer.from(random.bytes(secretBytes)).toString('hex')}`);
  let text = '';
  for (let i = 0; i < digits; i++) {
    text += alphabet[Number(rest % 62n)];
    rest /= 62n;
  }
  return prefix + text;
}

/**
 * What is stored of a secret, and looked up by. A secret has 256 bits, so that one round is enough, and finding it by its
 * hash tells nobody who measures the time how much of it was right.
 */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'base64url');
