import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretBox } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

export type SecretBoxOptions = {
  /** `WHEELHOUSE_SECRET_KEY`: 32 bytes as base64 or hex. */
  given: string | null;
  /** The data directory, where a key of its own is kept when none is given. */
  dir: string;
  /** Whether other replicas read what this one seals, so that it may not make a key of its own. */
  shared: boolean;
};

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const version = 1;
const markBytes = 4;
const ivBytes = 12;
const tagBytes = 16;
const fileName = 'secret.key';

function decode(text: string): Buffer | null {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  return key.length === keyBytes ? key : null;
}

function fileKey(dir: string): Buffer {
  const path = join(dir, fileName);
  if (!existsSync(path)) {
    mkdirSync(dir, { recursive: true });
    // Synced before anything is sealed with it, because what it sealed is lost with it.
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, `${randomBytes(keyBytes).toString('base64')}\n`);
    fsyncSync(file);
    closeSync(file);
  }
  const key = decode(readFileSync(path, 'utf8'));
  if (key) return key;
  throw new WheelhouseError('config_invalid', `${path} does not hold 32 bytes as base64.`);
}

/** Says under which master key something was sealed, and nothing about the key. */
const markOf = (key: Buffer) =>
  createHash('sha256').update('wheelhouse secret key').update(key).digest().subarray(0, markBytes);

function seal(key: Buffer, secret: string, context: string): Uint8Array {
  const iv = randomBytes(ivBytes);
  const encrypt = createCipheriv(cipher, key, iv).setAAD(Buffer.from(context));
  const text = Buffer.concat([encrypt.update(secret, 'utf8'), encrypt.final()]);
  return Buffer.concat([Buffer.of(version), markOf(key), iv, encrypt.getAuthTag(), text]);
}

function open(key: Buffer, sealed: Uint8Array, context: string): string | null {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const [ivAt, tagAt, textAt] = [1 + markBytes, 1 + markBytes + ivBytes, 1 + markBytes + ivBytes + tagBytes];
  if (bytes.length < textAt || bytes[0] !== version || !bytes.subarray(1, ivAt).equals(markOf(key))) return null;
  const decrypt = createDecipheriv(cipher, key, bytes.subarray(ivAt, tagAt), { authTagLength: tagBytes });
  decrypt.setAuthTag(bytes.subarray(tagAt, textAt)).setAAD(Buffer.from(context));
  try {
    return Buffer.concat([decrypt.update(bytes.subarray(textAt)), decrypt.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/**
 * AES-256-GCM under one master key. Without `WHEELHOUSE_SECRET_KEY` the key is a file in the data directory that only its
 * owner may read, made when it is first needed.
 * @throws WheelhouseError `config_invalid` when the given key is not 32 bytes
 */
export function createSecretBox({ given, dir, shared }: SecretBoxOptions): SecretBox {
  let key = given === null ? null : decode(given);
  if (given !== null && key === null)
    throw new WheelhouseError('config_invalid', 'WHEELHOUSE_SECRET_KEY is not 32 bytes as base64 or hex.', {
      hint: 'Make one with: openssl rand -base64 32',
    });
  function master(): Buffer {
    if (key === null && shared)
      throw new WheelhouseError('config_invalid', 'Secrets cannot be stored: WHEELHOUSE_SECRET_KEY is not set.', {
        hint: 'Set it to the same 32 bytes on every replica; make them with: openssl rand -base64 32',
      });
    key ??= fileKey(dir);
    return key;
  }
  return {
    seal: (secret, context) => seal(master(), secret, context),
    open: (sealed, context) => (key === null && shared ? null : open(master(), sealed, context)),
  };
}
