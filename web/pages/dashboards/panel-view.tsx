import { useQuery } from '@tanstack/react-query';
import type { PanelBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { type PanelAsk, panelQuery, shownOf } from '../../data/dashboard-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { PanelBars } from './panel-bars.tsx';
import { PanelFigure } from './panel-figure.tsx';
import { PanelLines } from './panel-lines.tsx';
import { onlyGroup } from './panel-parts.ts';
import { PanelSql } from './panel-sql.tsx';
import { GroupTable, StepTable } from './panel-tables.tsx';

/** What is asked of the whole dashboard, and the moment that it is of. */
export type Asked = Pick<PanelAsk, 'q' | 'at'>;
export type Cursor = { cursor: number | null; onCursor: (at: number | null) => void };

type PanelViewProps = Cursor & {
  panel: PanelBody;
  asked: Asked;
  /** Pixels that a chart may take. */
  height: number;
  /** A chart as rows. */
  asTable: boolean;
  /** What was never in sight reads nothing. */
  isSeen?: boolean;
  /** What may be done about an error. */
  onError?: ReactNode;
};

function Scrolling({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section
      aria-label={`${title}, rows`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto px-3 pb-2 -outline-offset-2"
    >
      {children}
    </section>
  );
}

/** What a panel shows. It reads by itself, so that a slow one keeps no other waiting. */
export function PanelView(props: PanelViewProps) {
  return props.panel.kind === 'text' ? (
    <Scrolling title={props.panel.title}>
      <Markdown text={props.panel.text} />
    </Scrolling>
  ) : (
    <ReadPanel {...props} panel={props.panel} />
  );
}

type ReadPanelProps = PanelViewProps & { panel: Exclude<PanelBody, { kind: 'text' }> };

function ReadPanel({ panel, asked, height, asTable, isSeen = true, onError, ...cursor }: ReadPanelProps) {
  const { client } = useData();
  const { title } = panel;
  const { data, error, isFetching, refetch } = useQuery({
    ...panelQuery(client, { panel: shownOf(panel), ...asked }),
    enabled: isSeen,
  });
  if (error && !isFetching)
    return (
      <div className="min-h-0 flex-1 overflow-auto px-3 pb-3">
        <ErrorText error={error} />
        <div className="mt-2 flex gap-2">
          <button type="button" className="btn" onClick={() => void refetch()}>
            Try again
          </button>
          {onError}
        </div>
      </div>
    );
  if (!data)
    return (
      <div role="status" className="flex min-h-0 flex-1 flex-col gap-2 px-3 pb-3">
        <span className="sr-only">Loading {title} …</span>
        <div className="skeleton h-5 w-32" />
        <div className="skeleton min-h-0 flex-1" />
      </div>
    );
  if (data.kind === 'sql')
    return panel.kind === 'sql' ? <PanelSql {...{ panel, title, data, height, asTable }} /> : null;
  // What it showed before it was changed stays in sight for a moment.
  if (panel.kind !== 'measure') return null;
  if (panel.shape === 'number') return <PanelFigure panel={panel} data={data} />;
  const isGrouped = onlyGroup(data) === null;
  if (panel.shape === 'table')
    return (
      <Scrolling title={title}>
        <GroupTable {...{ panel, title, data }} />
      </Scrolling>
    );
  if (asTable)
    return (
      <Scrolling title={title}>
        <StepTable {...{ panel, title, data }} />
      </Scrolling>
    );
  if (panel.shape === 'bars' && isGrouped)
    return (
      <Scrolling title={title}>
        <PanelBars panel={panel} data={data} />
      </Scrolling>
    );
  return <PanelLines {...{ panel, title, data, height, ...cursor }} />;
}

/** Whether it can be shown as rows besides. */
export const hasRows = (panel: PanelBody): boolean =>
  panel.kind === 'measure'
    ? panel.shape === 'line' || panel.shape === 'bars'
    : panel.kind === 'sql' && panel.shape === 'line';
