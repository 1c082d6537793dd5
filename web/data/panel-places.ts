import type { PanelBody } from '@wheelhouse/sdk';

const widths = [3, 4, 6, 8, 12] as const;
const heights = [1, 2, 3, 4] as const;

/** An id that none of them has. */
export function freshPanelId(panels: readonly Pick<PanelBody, 'id'>[]): string {
  const taken = new Set(panels.map(({ id }) => id));
  for (let i = panels.length + 1; ; i++) if (!taken.has(`p${i}`)) return `p${i}`;
}

/** The same with one of them at another place. */
export function placeAt<Panel extends Pick<PanelBody, 'id'>>(
  panels: readonly Panel[],
  id: string,
  at: number,
): Panel[] {
  const one = panels.find((panel) => panel.id === id);
  if (!one) return [...panels];
  const others = panels.filter((panel) => panel !== one);
  const place = Math.max(0, Math.min(others.length, at));
  return [...others.slice(0, place), one, ...others.slice(place)];
}

export function movePanel<Panel extends Pick<PanelBody, 'id'>>(
  panels: readonly Panel[],
  id: string,
  step: number,
): Panel[] {
  const at = panels.findIndex((panel) => panel.id === id);
  return at < 0 ? [...panels] : placeAt(panels, id, at + step);
}

const stepIn = <Size extends number>(sizes: readonly Size[], now: Size, step: number): Size =>
  sizes[Math.max(0, Math.min(sizes.length - 1, sizes.indexOf(now) + step))] ?? now;

type Sized = Pick<PanelBody, 'id' | 'width' | 'height'>;

/** So many sizes wider, or taller; less than nothing: narrower. */
export const resizePanel = <Panel extends Sized>(
  panels: readonly Panel[],
  id: string,
  { wider = 0, taller = 0 }: { wider?: number; taller?: number },
): Panel[] =>
  panels.map((panel) =>
    panel.id === id
      ? { ...panel, width: stepIn(widths, panel.width, wider), height: stepIn(heights, panel.height, taller) }
      : panel,
  );

const nearest = <Size extends number>(sizes: readonly Size[], wanted: number, now: Size): Size =>
  sizes.reduce<Size>(
    (found, size) => (Math.abs(size - wanted) < Math.abs(found - wanted) ? size : found),
    sizes[0] ?? now,
  );

/** The size that a panel has whose corner was drawn to so many columns and rows. */
export const sizeAt = (
  { columns, rows }: { columns: number; rows: number },
  now: Pick<Sized, 'width' | 'height'>,
): Pick<Sized, 'width' | 'height'> => ({
  width: nearest(widths, columns, now.width),
  height: nearest(heights, rows, now.height),
});

export const removePanel = <Panel extends Pick<PanelBody, 'id'>>(panels: readonly Panel[], id: string): Panel[] =>
  panels.filter((panel) => panel.id !== id);

/** The same with a copy behind it. */
export function copyPanel<Panel extends Pick<PanelBody, 'id'>>(panels: readonly Panel[], id: string): Panel[] {
  return panels.flatMap((panel) => (panel.id === id ? [panel, { ...panel, id: freshPanelId(panels) }] : [panel]));
}
