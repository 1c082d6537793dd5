import { useNavigate, useSearch } from '@tanstack/react-router';
import type { OptimizationBody } from '@wheelhouse/sdk';

/** What of an optimization is looked at. It is in the URL, so that a link shows the same. */
export type View = {
  /** What the chart goes by; calls unless said. */
  by?: 'cost' | 'minutes' | undefined;
  /** Candidates as they came; the best first unless said. */
  order?: 'made' | undefined;
  /** The candidate that is looked at. */
  candidate?: string | undefined;
  /** What it is held against; its parent unless said. */
  against?: 'start' | undefined;
  open?: 'publish' | 'resume' | undefined;
};

/** What `go` is not told stays as it is; `push`: one can go back. */
export function useView(): { view: View; go: (next: View, how?: 'push') => void } {
  const view = useSearch({ from: '/experiments/optimizations/$optimizationId' });
  const navigate = useNavigate();
  const go = (next: View, how?: 'push') =>
    void navigate({ to: '.', search: (old: object) => ({ ...old, ...next }) as never, replace: how !== 'push' });
  return { view, go };
}

export const isUnderWay = ({ state }: Pick<OptimizationBody, 'state'>): boolean =>
  state === 'queued' || state === 'running';

/** `#7`; the program as it was has no number. */
export const nameOf = (n: number): string => (n === 0 ? 'as it was' : `#${n}`);
