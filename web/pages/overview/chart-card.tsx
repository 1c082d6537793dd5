import { useNavigate } from '@tanstack/react-router';
import type { SeriesBody } from '@wheelhouse/sdk';
import { memo, type ReactNode, useMemo, useState } from 'react';
import { plural } from '../../data/format.ts';
import { LineSample } from '../../parts/line-sample.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { TimeChart, timeText } from '../../parts/time-chart.tsx';
import { Figures } from './figures.tsx';
import { hasValues, type Line, linesOf, type Measure } from './measures.ts';

type Times = { fromMs: number; stepMs: number; size: number };

const timesOf = (series: SeriesBody): Times => {
  const fromMs = Number(BigInt(series.fromNs) / 1_000_000n);
  const untilMs = Number(BigInt(series.untilNs) / 1_000_000n);
  const stepMs = series.step * 1000;
  return { fromMs, stepMs, size: Math.max(1, Math.ceil((untilMs - fromMs) / stepMs)) };
};

type TwinProps = {
  title: string;
  lines: Line[];
  times: Times;
  text: (value: number) => string;
  hrefOf: (at: number) => string;
};

/** The chart as rows, each a link to what happened then. */
function Twin({ title, lines, times, text, hrefOf }: TwinProps) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const rows = Array.from({ length: times.size }, (_, at) => at).filter((at) =>
    lines.some((line) => (line.values[at] ?? null) !== null && line.values[at] !== 0),
  );
  return (
    <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 px-3 text-xs leading-6 text-text-3">As a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section aria-label={`${title} as a table`} tabIndex={0} className="max-h-60 overflow-auto px-3 pb-2">
          <table className="w-full text-sm">
            <thead>
              <tr className="text-left text-text-3">
                <th className="font-medium">From</th>
                {lines.map((line) => (
                  <th key={line.name} className="max-w-32 truncate pl-3 text-right font-medium">
                    {line.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((at) => (
                <tr key={at}>
                  <td className="whitespace-nowrap">
                    <a
                      className="link"
                      href={hrefOf(at)}
                      onClick={(event) => {
                        event.preventDefault();
                        void navigate({ href: hrefOf(at) });
                      }}
                    >
                      {timeText(times, at)}
                    </a>
                  </td>
                  {lines.map((line) => (
                    <td key={line.name} className="mono pl-3 text-right">
                      {line.values[at] == null ? '–' : text(line.values[at] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function Frame({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="card flex min-w-0 flex-col overflow-hidden">
      <div className="flex flex-wrap items-baseline gap-x-2 px-3 pt-2">
        <h2 className="text-sm text-text-2">{title}</h2>
        {note}
      </div>
      {children}
    </section>
  );
}

type ChartCardProps = {
  measure: Measure;
  title?: string;
  series: SeriesBody | undefined;
  error: Error | null;
  /** Whether there is a line of the period before too. */
  withBefore: boolean;
  cursor: number | null;
  onCursor: (at: number | null) => void;
  /** The traces behind a bucket. */
  hrefOf: (startMs: number, endMs: number, narrows: string | undefined) => string;
  /** In place of the names of the lines. */
  legend?: ReactNode;
};

/** One measure over time: its figure for the whole time, its lines, and the same as a table. */
export const ChartCard = memo(function ChartCard(props: ChartCardProps) {
  const { measure, series, error, withBefore, cursor, onCursor, hrefOf } = props;
  const title = props.title ?? measure.title;
  const navigate = useNavigate();
  const lines = useMemo(() => (series ? linesOf(measure, series, { withBefore }) : []), [measure, series, withBefore]);
  if (!series)
    return (
      <Frame title={title}>
        {error ? (
          <div className="p-3">
            <ErrorText error={error} />
          </div>
        ) : (
          <div role="status" className="flex flex-col gap-3 p-3">
            <span className="sr-only">Loading {title} …</span>
            <div className="skeleton h-6 w-40" />
            <div className="skeleton h-32" />
          </div>
        )}
      </Frame>
    );
  const times = timesOf(series);
  const link = (at: number) => {
    const start = times.fromMs + at * times.stepMs;
    return hrefOf(start, start + times.stepMs, measure.narrows);
  };
  const [only] = series.groups;
  const whole = series.groups.length === 1 && only?.value === null ? only.total : null;
  const said = measure.figures.map((figure) => whole && figure.text(whole)).join(', ');
  /** What it is about first. */
  const legend = lines.toSorted((a, b) => Number(a.thin ?? false) - Number(b.thin ?? false));
  const named = lines.length > 1 ? legend.map((line) => line.name).join(', ') : '';
  return (
    <Frame
      title={title}
      note={
        props.legend ??
        (lines.length > 1 && (
          <span className="ml-auto flex flex-wrap gap-x-3 text-xs text-text-2">
            {legend.slice(0, 8).map((line) => (
              <span key={line.name} className="inline-flex items-center gap-1">
                <LineSample color={line.color} dash={line.dash} thin={line.thin} />
                <span className="max-w-28 truncate">{line.name}</span>
              </span>
            ))}
          </span>
        ))
      }
    >
      {whole !== null && <Figures measure={measure} series={series} total={whole} />}
      <div className="px-1 pt-1">
        {hasValues(lines) ? (
          <TimeChart
            label={`${title} over ${plural(times.size, 'step')} of time${named && `: ${named}`}${whole === null ? '' : `; in all ${said}`}`}
            lines={lines}
            times={times}
            text={measure.text}
            cursor={cursor}
            onCursor={onCursor}
            onPick={(at) => void navigate({ href: link(at) })}
          />
        ) : (
          <p className="flex h-32 items-center justify-center text-text-3">Nothing was measured in this time.</p>
        )}
      </div>
      <div className="mt-auto">
        {hasValues(lines) && <Twin title={title} lines={legend} times={times} text={measure.text} hrefOf={link} />}
      </div>
    </Frame>
  );
});
