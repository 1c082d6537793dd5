import { describe, expect, it } from 'vitest';
import { foldBase64, readBase64 } from './base64.ts';

const bytes = (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => (i * 37) % 256)).toString('base64');

describe('base64 in what was recorded', () => {
  it('is told by its type and its size in bytes', () => {
    expect(readBase64(`data:image/png;base64,${bytes(4096)}`)).toMatchObject({ type: 'image/png', bytes: 4096 });
    expect(readBase64(`data:audio/wav;codecs=1;base64,${bytes(10)}`)).toMatchObject({ type: 'audio/wav', image: null });
    expect(readBase64(bytes(4096))).toEqual({ type: 'base64', bytes: 4096, image: null });
  });

  it('is a picture only where the browser runs nothing of it', () => {
    const url = `data:image/webp;base64,${bytes(30)}`;
    expect(readBase64(url)?.image).toBe(url);
    expect(readBase64(`data:image/svg+xml;base64,${bytes(30)}`)?.image).toBeNull();
  });

  it('is not seen in words, however long', () => {
    for (const text of ['hello', 'a'.repeat(5000), 'Some words and 1 number. '.repeat(100), `${bytes(4096)}!`])
      expect(readBase64(text)).toBeNull();
  });

  it('is folded where it stands in a text', () => {
    expect(foldBase64(`see ![x](data:image/png;base64,${bytes(4096)}) here`)).toBe('see ![x]([image/png, 4 KB]) here');
    expect(foldBase64('b'.repeat(3000))).toBe('b'.repeat(3000));
  });
});
