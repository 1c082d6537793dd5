import type { DatasetHealthBody } from '@wheelhouse/sdk';
import { useEffect, useRef, useState } from 'react';
import { count } from '../../data/format.ts';
import { useShownTheme } from '../../data/preferences.ts';
import { useWidth } from '../../parts/use-width.ts';

type RowMap = DatasetHealthBody['map'];

const height = 280;
/** Until it is known how much there is. */
const usualWidth = 480;
/** Hues that stand for span kinds elsewhere: enough to tell the topics of one map apart, and the list names them. */
const hues = ['--k-llm', '--k-tool', '--k-retrieval', '--k-agent', '--k-eval', '--var-b', '--warn', '--k-chain'];
const hueOf = (cluster: number) => hues[cluster % hues.length] ?? '--k-chain';

/** Dots on a canvas: one element whatever the number of rows. */
function draw(canvas: HTMLCanvasElement, { points }: RowMap, { width, lit }: { width: number; lit: number | null }) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.scale(scale, scale);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [[left, right], [bottom, top]] = [range(xs), range(ys)];
  const style = getComputedStyle(canvas);
  for (const { x, y, cluster } of points) {
    context.globalAlpha = lit === null ? 0.75 : lit === cluster ? 1 : 0.12;
    context.fillStyle = style.getPropertyValue(hueOf(cluster));
    context.beginPath();
    context.arc(
      8 + ((x - left) / (right - left || 1)) * (width - 16),
      height - 8 - ((y - bottom) / (top - bottom || 1)) * (height - 16),
      points.length > 400 ? 2 : 3,
      ...([0, 2 * Math.PI] as const),
    );
    context.fill();
  }
}

/** Rows by what they say: near each other where they are alike. The topics beside it say the same in words. */
export function HealthMap({ map }: { map: RowMap }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box) || usualWidth;
  const theme = useShownTheme();
  const [lit, setLit] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours.
  useEffect(() => {
    if (canvas.current) draw(canvas.current, map, { width, lit });
  }, [map, width, lit, theme]);
  if (map.points.length === 0) return <p className="text-text-3">There is nothing to lay out.</p>;
  const shown = Math.round((map.explained[0] + map.explained[1]) * 100);
  return (
    <div className="grid gap-4 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div ref={box} className="min-w-0">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Map of ${count(map.points.length)} rows in ${map.clusters.length} topics`}
          className="block rounded-2 border border-line"
          style={{ width, height }}
        />
        <p className="mt-1 text-xs text-text-3">
          {count(map.points.length)} rows; the two directions show {shown} % of their differences.
        </p>
      </div>
      <ul aria-label="Topics" className="flex flex-col gap-1" onPointerLeave={() => setLit(null)}>
        {map.clusters.map(({ words, size }, i) => (
          <li key={words.join(' ')}>
            <button
              type="button"
              className="flex min-h-6 w-full items-baseline gap-2 rounded-1 text-left hover:bg-sunken"
              aria-pressed={lit === i}
              onClick={() => setLit(i)}
              onPointerEnter={() => setLit(i)}
              onFocus={() => setLit(i)}
              onBlur={() => setLit(null)}
            >
              <span
                aria-hidden="true"
                className="size-2.5 flex-none rounded-full"
                style={{ background: `var(${hueOf(i)})` }}
              />
              <span className="said min-w-0">{words.join(', ')}</span>
              <span className="mono ml-auto text-text-3">{count(size)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
