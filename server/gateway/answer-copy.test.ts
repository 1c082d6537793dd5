import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerCopy, CopyRoom } from './answer-copy.ts';

const kib = 1024;

describe('a copy of an answer', () => {
  it('is whole while there is room, else its beginning and its latest piece', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 * kib }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 200 * kib }), (lengths, free) => {
        const room = new CopyRoom(free);
        const copy = new AnswerCopy(room);
        const pieces = lengths.map((length, i) => Buffer.alloc(length, i));
        for (const piece of pieces) copy.add(piece);
        const { bytes, cut } = copy.read({ dialect: null, streamed: true, asSent: true });
        const all = Buffer.concat(pieces);
        const last = pieces.at(-1) as Buffer;
        expect(cut).toBe(bytes.length < all.length);
        if (!cut) expect(bytes.equals(all)).toBe(true);
        expect(bytes.subarray(-last.length).equals(last)).toBe(true);
        const beginning = bytes.subarray(0, bytes.length - last.length);
        expect(all.subarray(0, beginning.length).equals(beginning)).toBe(true);
        // More than its own part, what was taken of the room, and the latest piece is never held.
        expect(bytes.length).toBeLessThanOrEqual(32 * kib + free + last.length);
        copy.release();
        expect(room.take(free)).toBe(true);
      }),
    );
  });

  it('leaves room for others that run at the same time, and gives it back', () => {
    const room = new CopyRoom(100 * kib);
    const copies = Array.from({ length: 10 }, () => new AnswerCopy(room));
    for (let i = 0; i < 20; i++) for (const copy of copies) copy.add(Buffer.alloc(16 * kib));
    const held = copies.reduce(
      (sum, copy) => sum + copy.read({ dialect: null, streamed: true, asSent: true }).bytes.length,
      0,
    );
    expect(held).toBeLessThanOrEqual(100 * kib + 10 * (32 + 16) * kib);
    for (const copy of copies) copy.release();
    expect(room.take(100 * kib)).toBe(true);
  });
});
