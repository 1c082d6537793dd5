type Edge = { from: string; to: string };

type Place = { x: number; y: number };
export type PlacedEdge<E extends Edge> = {
  edge: E;
  /** Of an SVG path. */
  path: string;
  middle: Place;
  /** Leads back to a step that called it. */
  back: boolean;
};
export type Layout<E extends Edge> = {
  width: number;
  height: number;
  /** Top left corners. */
  places: Map<string, Place>;
  edges: PlacedEdge<E>[];
};

export const box = { width: 184, height: 48 };
const gap = { x: 28, y: 52 };
const margin = 36;
/** Beyond this the crossings that another sweep saves are few. */
const sweeps = 6;

/** Edges that close a circle, found depth first: without them every edge leads down. */
function backEdges<E extends Edge>(ids: string[], edges: E[]): Set<E> {
  const out = new Map<string, E[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const back = new Set<E>();
  const done = new Set<string>();
  const open = new Set<string>();
  for (const root of ids) {
    if (done.has(root)) continue;
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }];
    open.add(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = (out.get(top.id) ?? [])[top.next++];
      if (!edge) {
        open.delete(top.id);
        done.add(top.id);
        stack.pop();
      } else if (open.has(edge.to)) back.add(edge);
      else if (!done.has(edge.to)) {
        open.add(edge.to);
        stack.push({ id: edge.to, next: 0 });
      }
    }
  }
  return back;
}

/** Each node one layer below the lowest that calls it. */
function layersOf(ids: string[], down: Edge[]): string[][] {
  const depth = new Map(ids.map((id) => [id, 0]));
  for (let round = 0, changed = true; changed && round <= ids.length; round++) {
    changed = false;
    for (const { from, to } of down) {
      const wanted = (depth.get(from) ?? 0) + 1;
      if (wanted <= (depth.get(to) ?? 0)) continue;
      depth.set(to, wanted);
      changed = true;
    }
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const at = depth.get(id) ?? 0;
    layers[at] = [...(layers[at] ?? []), id];
  }
  return layers.map((layer) => layer ?? []);
}

/** Orders each layer by where its neighbours stand, down and up in turn. */
function untangle(layers: string[][], down: Edge[]): string[][] {
  const above = new Map<string, string[]>();
  const below = new Map<string, string[]>();
  for (const { from, to } of down) {
    above.set(to, [...(above.get(to) ?? []), from]);
    below.set(from, [...(below.get(from) ?? []), to]);
  }
  const sorted = layers.map((layer) => [...layer]);
  const place = new Map<string, number>();
  const note = (layer: string[]) => {
    for (const [i, id] of layer.entries()) place.set(id, i - (layer.length - 1) / 2);
  };
  sorted.forEach(note);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const near = sweep % 2 === 0 ? above : below;
    for (const layer of sweep % 2 === 0 ? sorted : sorted.toReversed()) {
      const wanted = new Map(
        layer.map((id) => {
          const others = near.get(id) ?? [];
          const sum = others.reduce((total, other) => total + (place.get(other) ?? 0), 0);
          return [id, others.length === 0 ? (place.get(id) ?? 0) : sum / others.length];
        }),
      );
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      note(layer);
    }
  }
  return sorted;
}

function drawn<E extends Edge>(edge: E, from: Place, to: Place, back: boolean): PlacedEdge<E> {
  if (edge.from === edge.to) {
    const x = from.x + box.width;
    const y = from.y + box.height / 2;
    const path = `M${x} ${y - 8}C${x + 28} ${y - 16} ${x + 28} ${y + 16} ${x} ${y + 8}`;
    return { edge, path, middle: { x: x + 24, y }, back: true };
  }
  if (back) {
    const x = Math.max(from.x, to.x) + box.width;
    const [fromY, toY] = [from.y + box.height / 2, to.y + box.height / 2];
    const out = x + gap.x;
    const path = `M${from.x + box.width} ${fromY}C${out} ${fromY} ${out} ${toY} ${to.x + box.width} ${toY}`;
    return { edge, path, middle: { x: out - 8, y: (fromY + toY) / 2 }, back };
  }
  const a = { x: from.x + box.width / 2, y: from.y + box.height };
  const b = { x: to.x + box.width / 2, y: to.y };
  const half = (b.y - a.y) / 2;
  const path = `M${a.x} ${a.y}C${a.x} ${a.y + half} ${b.x} ${b.y - half} ${b.x} ${b.y}`;
  return { edge, path, middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, back };
}

/** Layers from top to bottom (Sugiyama, Tagawa and Toda 1981): few crossings, every edge that can leads down. */
export function layoutGraph<E extends Edge>(ids: string[], edges: E[]): Layout<E> {
  const others = edges.filter((edge) => edge.from !== edge.to);
  const back = backEdges(ids, others);
  const down = others.filter((edge) => !back.has(edge));
  const layers = untangle(layersOf(ids, down), down);
  const widest = Math.max(1, ...layers.map((layer) => layer.length));
  const width = margin * 2 + widest * box.width + (widest - 1) * gap.x;
  const height = margin * 2 + layers.length * box.height + Math.max(0, layers.length - 1) * gap.y;
  const places = new Map<string, Place>();
  layers.forEach((layer, depth) => {
    const taken = layer.length * box.width + (layer.length - 1) * gap.x;
    layer.forEach((id, i) => {
      const x = (width - taken) / 2 + i * (box.width + gap.x);
      places.set(id, { x, y: margin + depth * (box.height + gap.y) });
    });
  });
  return {
    width,
    height,
    places,
    edges: edges.flatMap((edge) => {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      return from && to ? [drawn(edge, from, to, back.has(edge))] : [];
    }),
  };
}
