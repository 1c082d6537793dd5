import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyPanel, freshPanelId, movePanel, placeAt, removePanel, resizePanel, sizeAt } from './panel-places.ts';

const widths = [3, 4, 6, 8, 12] as const;
const heights = [1, 2, 3, 4] as const;
const panels = fc
  .array(fc.record({ width: fc.constantFrom(...widths), height: fc.constantFrom(...heights) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) => all.map((one, i) => ({ id: `p${i + 1}`, ...one })));
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

it('moving keeps every panel, and back again is as it was unless it stood at an end', () => {
  fc.assert(
    fc.property(panels, fc.nat(7), fc.integer({ min: -9, max: 9 }), (all, at, step) => {
      const { id } = all[at % all.length] as { id: string };
      const place = at % all.length;
      const moved = movePanel(all, id, step);
      expect(ids(moved).toSorted()).toEqual(ids(all).toSorted());
      expect(ids(moved).indexOf(id)).toBe(Math.max(0, Math.min(all.length - 1, place + step)));
      expect(placeAt(moved, id, place)).toEqual(all);
    }),
  );
});

it('resizing goes a size at a time, within those there are', () => {
  fc.assert(
    fc.property(panels, fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), (all, wider, taller) => {
      const [one] = resizePanel(all, 'p1', { wider, taller });
      const before = all[0] as (typeof all)[number];
      const at = Math.max(0, Math.min(4, widths.indexOf(before.width) + wider));
      expect(one?.width).toBe(widths[at]);
      expect(heights).toContain(one?.height);
      expect(resizePanel(all, 'p1', { wider, taller }).slice(1)).toEqual(all.slice(1));
    }),
  );
});

it('a corner that is drawn takes the nearest size', () => {
  const now = { width: 6, height: 2 } as const;
  expect(sizeAt({ columns: 7.2, rows: 2.4 }, now)).toEqual({ width: 8, height: 2 });
  expect(sizeAt({ columns: 0.2, rows: 9 }, now)).toEqual({ width: 3, height: 4 });
});

it('a copy stands behind its panel, under an id of its own; what is removed is gone', () => {
  fc.assert(
    fc.property(panels, (all) => {
      const copied = copyPanel(all, 'p1');
      expect(new Set(ids(copied)).size).toBe(all.length + 1);
      expect(copied[1]).toEqual({ ...all[0], id: freshPanelId(all) });
      expect(removePanel(copied, copied[1]?.id ?? '')).toEqual(all);
    }),
  );
});
