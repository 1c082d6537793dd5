import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { duration, usd } from '../../data/format.ts';
import { AnswerDiff } from '../../parts/diff-text.tsx';
import { Pill } from '../../parts/pill.tsx';
import { type Cell, saidOf } from './cells.ts';

export type Judging = { scorers: string[]; yesNo: ReadonlySet<string> };

/** Good and bad only where a scorer says yes or no; a share between stays as it is. */
function ScorePill({ cells, scorer, yesNo }: { cells: Cell[]; scorer: string; yesNo: ReadonlySet<string> }) {
  const said = saidOf(cells, scorer, yesNo.has(scorer));
  const results = cells.flatMap((cell) => cell.scores[scorer] ?? []);
  const reasons = results.map((result) => (result.ok ? result.reason : result.error)).filter(Boolean);
  const pill = () => {
    switch (said.kind) {
      case 'none':
        return <Pill tone="mute">{scorer} not scored</Pill>;
      case 'failed':
        return <Pill tone="bad">✕ {scorer} failed</Pill>;
      case 'label':
        return (
          <Pill tone="mute">
            {scorer} {said.label}
          </Pill>
        );
      case 'mean':
        return (
          <Pill tone="mute">
            {scorer} {said.mean.toFixed(2)}
          </Pill>
        );
      case 'passes': {
        const { passed, of } = said;
        const tone = passed === of ? 'good' : passed === 0 ? 'bad' : 'warn';
        return (
          <Pill tone={tone}>
            {of > 1 ? `${passed}/${of} ✓` : passed === 1 ? '✓' : '✕'} {scorer}
          </Pill>
        );
      }
    }
  };
  return <span title={reasons.join('\n') || undefined}>{pill()}</span>;
}

function Scores({ cells, scorers, yesNo }: Judging & { cells: Cell[] }) {
  const answered = cells.filter((cell) => cell.error === null);
  return (
    <>
      {answered.length < cells.length && (
        <Pill tone="bad">
          ✕ {cells.length > 1 ? `${cells.length - answered.length}/${cells.length} calls` : 'call'} failed
        </Pill>
      )}
      {answered.length > 0 &&
        scorers.map((scorer) => <ScorePill key={scorer} cells={answered} scorer={scorer} yesNo={yesNo} />)}
    </>
  );
}

/** Why each scorer said what it said of one answer. */
function Reasons({ cell, scorers }: { cell: Cell; scorers: string[] }) {
  const said = scorers.flatMap((scorer) => {
    const result = cell.scores[scorer];
    if (!result) return [];
    const text = result.ok ? [result.reason, result.feedback].filter(Boolean).join(' → ') : result.error;
    return text ? [{ scorer, text, isBad: !result.ok }] : [];
  });
  if (said.length === 0) return null;
  return (
    <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-sm">
      {said.map(({ scorer, text, isBad }) => (
        <div key={scorer} className="contents">
          <dt className="max-w-32 truncate text-text-3">{scorer}</dt>
          <dd className={`said ${isBad ? 'text-bad' : 'text-text-2'}`}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Steps through repetitions, both sides together, so that like is beside like. */
function Steps({ at, of, onStep }: { at: number; of: number; onStep: (at: number) => void }) {
  return (
    <span className="inline-flex items-center">
      <button
        type="button"
        className="inline-flex min-h-6 min-w-6 items-center justify-center disabled:text-text-3"
        aria-label="Repetition before"
        disabled={at === 0}
        onClick={() => onStep(at - 1)}
      >
        <ChevronLeft size={13} strokeWidth={1.75} />
      </button>
      <span className="mono text-text-2">
        {at + 1} of {of}
      </span>
      <button
        type="button"
        className="inline-flex min-h-6 min-w-6 items-center justify-center disabled:text-text-3"
        aria-label="Next repetition"
        disabled={at >= of - 1}
        onClick={() => onStep(at + 1)}
      >
        <ChevronRight size={13} strokeWidth={1.75} />
      </button>
    </span>
  );
}

function AnswerText({ cell, against }: { cell: Cell; against: Cell | undefined }) {
  if (cell.error !== null) return cell.error;
  if (against?.output != null && cell.output !== null) return <AnswerDiff a={against.output} b={cell.output} />;
  if (cell.output === '') return <span className="text-text-3">(empty answer)</span>;
  return cell.output;
}

type AnswerSideProps = Judging & {
  letter: 'A' | 'B';
  cells: Cell[];
  /** The answers that these are compared with, word by word. */
  against: Cell[] | undefined;
  open: boolean;
  /** Which repetition is read, from 0. */
  at: number;
  onStep: (at: number) => void;
};

/** What one side answered: how it was judged, what it cost, and the text of one repetition. */
export function AnswerSide({ letter, cells, against, scorers, yesNo, open, at, onStep }: AnswerSideProps) {
  const shown = Math.min(at, Math.max(0, cells.length - 1));
  const cell = cells[shown];
  return (
    <div role="cell" className="min-w-0 border-line p-3 max-md:border-t md:border-l">
      <span className={`mb-1 block text-xs font-medium md:sr-only ${letter === 'A' ? 'text-va' : 'text-vb'}`}>
        {letter === 'A' ? '● A' : '■ B'}
      </span>
      {!cell && <span className="text-text-3">… not answered yet</span>}
      {cell && (
        <>
          <div className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
            <Scores cells={cells} scorers={scorers} yesNo={yesNo} />
            {open && cells.length > 1 && <Steps at={shown} of={cells.length} onStep={onStep} />}
            <span className="mono text-text-3">
              {usd(cell.costNanoUsd)} · {cell.latencyNs === '0' ? '–' : duration(cell.latencyNs)}
              {cell.cached && ' · from before'}
            </span>
            {cell.traceId !== null && (
              <Link
                to="/traces/$traceId"
                params={{ traceId: cell.traceId }}
                preload={false}
                className="link ml-auto"
                aria-label={`Trace of ${letter}${cells.length > 1 ? `, repetition ${shown + 1}` : ''}`}
              >
                trace
              </Link>
            )}
          </div>
          <div
            className={`said whitespace-pre-wrap ${open ? '' : 'line-clamp-2'} ${cell.error === null ? '' : 'text-bad'}`}
          >
            <AnswerText cell={cell} against={against?.[Math.min(shown, against.length - 1)]} />
          </div>
          {open && <Reasons cell={cell} scorers={scorers} />}
        </>
      )}
    </div>
  );
}
