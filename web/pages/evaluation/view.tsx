import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { EvaluationBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import type { RowSource } from '../../data/evaluation-queries.ts';
import type { RowKind } from '../../data/row-kinds.ts';

/** Runs beside each other: of one evaluation, or picked from several. */
export type Shown = Pick<
  EvaluationBody,
  'runs' | 'scorers' | 'repetitions' | 'summaries' | 'results' | 'gateResults'
> & {
  /** Nothing about it changes any more. */
  isFinal: boolean;
  source: RowSource;
};

/** What of it is looked at. It is in the URL, so that a link shows the same. */
export type View = {
  tab?: 'runs' | undefined;
  run?: string | undefined;
  measure?: string | undefined;
  show?: RowKind | undefined;
  row?: string | undefined;
  rep?: number | undefined;
  by?: 'cost' | 'latency' | undefined;
};

/** Of whichever page this is on; what `go` is not told stays as it is; `push`: one can go back. */
export function useView(): { view: View; go: (next: View, how?: 'push') => void } {
  const view: View = useSearch({ strict: false });
  const navigate = useNavigate();
  const go = (next: View, how?: 'push') =>
    void navigate({ to: '.', search: (old: object) => ({ ...old, ...next }) as never, replace: how !== 'push' });
  return { view, go };
}

type ViewLinkProps = {
  next: View;
  className: string;
  title?: string;
  replace?: boolean;
  /** What assistive technology is told where it is the one that is looked at. */
  current?: 'page' | 'true' | undefined;
  children: ReactNode;
};

/** Another view of the same runs. */
export function ViewLink({ next, current, ...rest }: ViewLinkProps) {
  return (
    <Link
      to="."
      search={(old: object) => ({ ...old, ...next }) as never}
      aria-current={current}
      activeProps={{ 'aria-current': current }}
      {...rest}
    />
  );
}
