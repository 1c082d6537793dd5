import { Link } from '@tanstack/react-router';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { memo } from 'react';
import { between, count, exactTime, startTime, usd } from '../../data/format.ts';
import { Pill } from '../../parts/pill.tsx';
import { ScoreMark } from '../../parts/score-mark.tsx';
import { useNow } from '../../parts/use-now.ts';

/** By the room that the list has: ten columns, eight or six. In narrow windows two lines. */
export const columns =
  'grid-cols-[32px_116px_minmax(110px,160px)_minmax(120px,1fr)_minmax(120px,1fr)_minmax(90px,150px)_92px_96px_56px_84px] @max-[1000px]:grid-cols-[32px_116px_minmax(100px,140px)_minmax(80px,1fr)_minmax(80px,1fr)_88px_92px_76px] @max-[700px]:grid-cols-[32px_112px_minmax(90px,1fr)_minmax(80px,1.4fr)_84px_76px] max-md:!grid-cols-[32px_minmax(0,1fr)_auto]';

function Running({ startNs }: { startNs: string }) {
  const now = useNow(true);
  const start = BigInt(startNs);
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-text-2" title="Still running">
      <span className="hatched h-2 w-4 rounded-1" aria-hidden="true" />
      <span className="mono">{between(startNs, String(now > start ? now : start))}</span>
      <span className="sr-only"> running</span>
    </span>
  );
}

function Latency({ trace }: { trace: Pick<TraceSummaryBody, 'startNs' | 'endNs'> }) {
  if (trace.endNs === null) return <Running startNs={trace.startNs} />;
  return <span className="mono">{between(trace.startNs, trace.endNs)}</span>;
}

function Outcome({ trace }: { trace: TraceSummaryBody }) {
  if (trace.status === 'error')
    return (
      <span title={trace.statusMessage ?? undefined}>
        <Pill tone="bad">✕ error</Pill>
      </span>
    );
  const score = trace.scores[0];
  if (!score) return <span className="text-text-3">–</span>;
  return (
    <span title={trace.scores.map((one) => `${one.name}: ${one.value}`).join('\n')}>
      <ScoreMark name={score.name} value={score.value} />
      {trace.scores.length > 1 && <span className="mono text-text-3"> +{trace.scores.length - 1}</span>}
    </span>
  );
}

type TraceRowProps = {
  trace: TraceSummaryBody;
  index: number;
  top: number;
  height: number;
  current: boolean;
  selected: boolean;
  onOpen: (traceId: string) => void;
  onSelect: (traceId: string) => void;
};

/** One trace. Memoised: while a thousand others arrive it is not drawn again. */
export const TraceRow = memo(function TraceRow(props: TraceRowProps) {
  const { trace, index, top, height, current, selected, onOpen, onSelect } = props;
  const failed = trace.status === 'error';
  const output = failed && trace.outputPreview === '' ? (trace.statusMessage ?? '') : trace.outputPreview;
  const cell = 'truncate px-2 max-md:hidden';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter opens the current row, through the shortcut registry.
    <div
      role="row"
      id={`trace-${trace.traceId}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={-1}
      data-current={current || undefined}
      className={`absolute left-0 grid w-full cursor-pointer items-center border-b border-line hover:bg-sunken aria-selected:bg-accent-bg data-current:bg-accent-bg data-current:shadow-[inset_2px_0_0_var(--accent)] ${columns}`}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={() => onOpen(trace.traceId)}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: stops a missed click on the box from opening the row. */}
      <span role="gridcell" className="flex justify-center" onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          className="m-0 size-6 scale-[0.6]"
          tabIndex={-1}
          aria-label={`Select ${trace.name}`}
          checked={selected}
          onChange={() => onSelect(trace.traceId)}
        />
      </span>
      <span role="gridcell" className={`${cell} mono text-text-2`} title={exactTime(trace.startNs)}>
        {startTime(trace.startNs)}
      </span>
      <span role="gridcell" className="min-w-0 truncate px-2">
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.traceId }}
          preload={false}
          tabIndex={-1}
          className="link"
          onClick={(event) => event.stopPropagation()}
        >
          {trace.name}
        </Link>
        <span className="block truncate text-text-2 md:hidden">{trace.inputPreview}</span>
      </span>
      <span role="gridcell" className={cell}>
        {trace.inputPreview}
      </span>
      <span role="gridcell" className={`${cell} @max-[700px]:hidden ${failed ? 'text-bad' : ''}`}>
        {output}
      </span>
      <span role="gridcell" className={`${cell} text-text-2 @max-[1000px]:hidden`}>
        {trace.model}
      </span>
      <span role="gridcell" className="px-2 text-right">
        <Latency trace={trace} />
        <span className="block md:hidden">
          <Outcome trace={trace} />
        </span>
      </span>
      <span role="gridcell" className={`${cell} mono text-right @max-[700px]:hidden`}>
        {trace.unpricedCalls > 0 && trace.costNanoUsd !== null ? `${usd(trace.costNanoUsd)}+?` : usd(trace.costNanoUsd)}
      </span>
      <span role="gridcell" className={`${cell} mono text-right text-text-2 @max-[1000px]:hidden`}>
        {count(trace.spanCount)}
      </span>
      <span role="gridcell" className={`${cell} text-right`}>
        <Outcome trace={trace} />
      </span>
    </div>
  );
});
