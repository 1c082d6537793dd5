import { useEffect, useRef, useState } from 'react';
import { isWhole, keepInside, type Range, readRange, writeRange } from './time-scale.ts';

/** Browsers allow only so many changes of the URL a second. */
const settleMs = 200;

export type Zoom = {
  range: Range;
  zoomed: boolean;
  /** null shows the whole trace again. */
  set(range: Range | null): void;
};

/** The part of the trace in sight: moves at once, and goes into the URL when it rests. */
export function useZoom(
  lengthNs: number,
  url: { zoom: string | undefined; onZoom: (zoom: string | undefined) => void },
): Zoom {
  const [range, setRange] = useState(() => readRange(url.zoom));
  const timer = useRef<number>(undefined);
  useEffect(() => {
    // What comes back from the URL must not undo what the hand does meanwhile.
    if (timer.current === undefined) setRange(readRange(url.zoom));
  }, [url.zoom]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const shown = range === null ? null : keepInside(range, lengthNs);
  return {
    range: shown ?? { from: 0, to: lengthNs },
    zoomed: shown !== null && !isWhole(shown, lengthNs),
    set(next) {
      const kept = next === null ? null : keepInside(next, lengthNs);
      const rest = kept === null || isWhole(kept, lengthNs) ? null : kept;
      setRange(rest);
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        timer.current = undefined;
        url.onZoom(rest === null ? undefined : writeRange(rest));
      }, settleMs);
    },
  };
}
