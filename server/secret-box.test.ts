import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createSecretBox } from './secret-box.ts';

const root = mkdtempSync(join(tmpdir(), 'wh-box-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const fresh = () => join(root, String(++count));
const box = (given: string | null, dir = fresh(), shared = false) => createSecretBox({ given, dir, shared });
const key = randomBytes(32);

describe('the secret box', () => {
  it('gives back what was put in, and only under the same context', () => {
    const sealer = box(key.toString('base64'));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (secret, context, other) => {
        const sealed = sealer.seal(secret, context);
        expect(sealer.open(sealed, context)).toBe(secret);
        if (other !== context) expect(sealer.open(sealed, other)).toBeNull();
      }),
    );
  });

  it('notices any change, and never seals the same twice', () => {
    const sealer = box(key.toString('hex'));
    const sealed = sealer.seal('sk-secret', 'a');
    expect(Buffer.from(sealer.seal('sk-secret', 'a'))).not.toEqual(Buffer.from(sealed));
    expect(Buffer.from(sealed).includes('sk-secret')).toBe(false);
    fc.assert(
      fc.property(fc.nat({ max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(sealed);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        expect(sealer.open(damaged, 'a')).toBeNull();
      }),
    );
    expect(sealer.open(new Uint8Array(), 'a')).toBeNull();
    expect(sealer.open(sealed.subarray(0, 33), 'a')).toBeNull();
  });

  it('opens with the same master key as hex and as base64, and with no other', () => {
    const sealed = box(key.toString('hex')).seal('s', 'a');
    expect(box(`${key.toString('base64')}\n`).open(sealed, 'a')).toBe('s');
    expect(box(randomBytes(32).toString('hex')).open(sealed, 'a')).toBeNull();
  });

  it('keeps a key of its own in a file that only its owner may read, made when it is first needed', () => {
    const dir = fresh();
    const first = box(null, dir);
    expect(existsSync(join(dir, 'secret.key'))).toBe(false);
    const sealed = first.seal('s', 'a');
    expect(statSync(join(dir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(box(null, dir).open(sealed, 'a')).toBe('s');
    writeFileSync(join(dir, 'secret.key'), 'short');
    expect(() => box(null, dir).open(sealed, 'a')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it('refuses to make one where replicas would not share it', () => {
    expect(() => box(null, fresh(), true).seal('s', 'a')).toThrow('WHEELHOUSE_SECRET_KEY is not set');
    expect(box(null, fresh(), true).open(box(key.toString('hex')).seal('s', 'a'), 'a')).toBeNull();
    expect(() => box('not 32 bytes')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
