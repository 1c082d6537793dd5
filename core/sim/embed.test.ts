import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planEmbeddings, simEmbedding } from './index.ts';

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const plan = (input: unknown, more = {}) => planEmbeddings({ model: 'sim/embed', input: input as string, ...more });

describe('the simulated embedding model', () => {
  it('gives unit vectors, the same for the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 300 }), (text, dimensions) => {
        const vector = simEmbedding(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(vector).toEqual(simEmbedding(text, dimensions));
        const length = dot(vector, vector);
        expect(Math.min(Math.abs(length - 1), length)).toBeLessThan(1e-9);
      }),
    );
  });

  it('puts texts that share words near each other', () => {
    const [a, b, c] = ['How do I get a refund?', 'how do i get my refund', 'Oslo is cold in winter'].map((text) =>
      simEmbedding(text, 256),
    );
    expect(dot(a ?? [], b ?? [])).toBeGreaterThan(0.6);
    expect(dot(a ?? [], c ?? [])).toBeLessThan(0.3);
  });

  it('takes a text, texts, tokens, and lists of tokens', () => {
    expect(plan('a').vectors).toHaveLength(1);
    expect(plan(['a', 'b', 'c']).vectors).toHaveLength(3);
    expect(plan([1, 2, 3]).vectors).toHaveLength(1);
    expect(plan([[1, 2], [3]]).vectors).toHaveLength(2);
    expect(plan('a', { dimensions: 3, encoding_format: 'base64' })).toMatchObject({
      base64: true,
      vectors: [expect.objectContaining({ length: 3 })],
    });
  });

  it.each([
    [{ model: 'gpt' }, 'model'],
    [{ input: undefined }, 'input'],
    [{ input: [{}] }, 'input'],
    [{ dimensions: 0 }, 'dimensions'],
    [{ dimensions: 1.5 }, 'dimensions'],
  ])('refuses %j, naming the member', (more, param) => {
    expect(() => plan('a', more)).toThrow(expect.objectContaining({ param }));
  });
});
