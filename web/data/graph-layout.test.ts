import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { box, layoutGraph } from './graph-layout.ts';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 14 });
const graphs = names.chain((ids) => {
  const one = fc.constantFrom(...ids);
  return fc.record({ ids: fc.constant(ids), edges: fc.array(fc.record({ from: one, to: one }), { maxLength: 40 }) });
});

describe('the layout of a graph', () => {
  it('gives every node a place of its own, inside the drawing', () => {
    fc.assert(
      fc.property(graphs, ({ ids, edges }) => {
        const { places, width, height } = layoutGraph(ids, edges);
        const boxes = ids.map((id) => places.get(id) ?? { x: Number.NaN, y: Number.NaN });
        for (const { x, y } of boxes) {
          expect(x >= 0 && x + box.width <= width).toBe(true);
          expect(y >= 0 && y + box.height <= height).toBe(true);
        }
        for (const [i, a] of boxes.entries())
          for (const b of boxes.slice(i + 1))
            expect(Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height).toBe(true);
      }),
    );
  });

  it('leads every edge down but those that close a circle, of which a tree has none', () => {
    fc.assert(
      fc.property(graphs, ({ ids, edges }) => {
        const layout = layoutGraph(ids, edges);
        const y = (id: string) => layout.places.get(id)?.y ?? 0;
        expect(layout.edges).toHaveLength(edges.length);
        for (const { edge, back } of layout.edges) if (!back) expect(y(edge.to)).toBeGreaterThan(y(edge.from));
      }),
    );
    const tree = layoutGraph(
      ['a', 'b', 'c', 'd'],
      [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'c' },
        { from: 'c', to: 'd' },
      ],
    );
    expect(tree.edges.filter((edge) => edge.back)).toEqual([]);
  });

  it('does not cross two edges that need not cross', () => {
    const { places } = layoutGraph(
      ['a', 'b', 'x', 'y'],
      [
        { from: 'a', to: 'y' },
        { from: 'b', to: 'x' },
      ],
    );
    const x = (id: string) => places.get(id)?.x ?? 0;
    expect(Math.sign(x('a') - x('b'))).toBe(Math.sign(x('y') - x('x')));
  });
});
