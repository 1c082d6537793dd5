import { Link } from '@tanstack/react-router';
import type { EvaluationBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, dateTime, usd } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';
import { Pill } from '../../parts/pill.tsx';
import { VerdictPill } from '../../parts/verdict.tsx';

const mainMeasure = ({ scorers }: EvaluationBody) => scorers[0] ?? '';

/** What came of it, in words; of several candidates, how many are better. */
function Outcome({ evaluation }: { evaluation: EvaluationBody }) {
  const { status, done, total, results, runs } = evaluation;
  if (status === 'failed') return <Pill tone="bad">✕ failed</Pill>;
  if (status === 'stopped')
    return (
      <Pill tone="warn">
        ■ stopped at {count(done)} of {count(total)}
      </Pill>
    );
  if (status !== 'completed')
    return (
      <Pill tone="accent">
        … {status} {count(done)}/{count(total)}
      </Pill>
    );
  const main = results.filter(({ measure }) => measure === mainMeasure(evaluation));
  const [only] = main;
  if (only && main.length === 1) return <VerdictPill result={only} />;
  if (runs.length === 1) return <Pill tone="mute">one run</Pill>;
  const times = (verdict: string) => main.filter((one) => one.verdict === verdict).length;
  const [better, worse] = [times('better'), times('worse')];
  return (
    <span className="flex flex-wrap gap-1">
      {better > 0 && <Pill tone="good">▲ {better} better</Pill>}
      {worse > 0 && <Pill tone="bad">▼ {worse} worse</Pill>}
      {better + worse < main.length && <Pill tone="mute">{main.length - better - worse} unclear</Pill>}
    </span>
  );
}

function Gates({ evaluation: { gateResults } }: { evaluation: EvaluationBody }) {
  if (gateResults.length === 0) return null;
  const held = gateResults.filter(({ state }) => state === 'held').length;
  const all = gateResults.length;
  const failed = gateResults.some(({ state }) => state === 'failed');
  return (
    <Pill tone={held === all ? 'good' : failed ? 'bad' : 'warn'}>
      {held === all ? '✓' : failed ? '✕' : '?'} gates {held}/{all}
    </Pill>
  );
}

/** From the baseline to the candidate; of several, from the least to the most. */
function Figure({ evaluation: { runs, summaries }, measure }: { evaluation: EvaluationBody; measure: string }) {
  const unit = unitOf(measure);
  const means = runs.flatMap(
    (run) => summaries.find((one) => one.runId === run.id && one.measure === measure)?.mean ?? [],
  );
  if (means.length === 0) return <span className="text-text-3">–</span>;
  const [first = 0, second] = means;
  const text =
    means.length > 2
      ? `${unit.value(Math.min(...means))} – ${unit.value(Math.max(...means))}`
      : `${unit.value(first)}${second === undefined ? '' : ` → ${unit.value(second)}`}`;
  return <span className="mono whitespace-nowrap">{text}</span>;
}

function Runs({ evaluation: { runs } }: { evaluation: EvaluationBody }) {
  const [baseline, ...candidates] = runs;
  return (
    <span className="flex flex-wrap gap-x-2 text-sm">
      <span className="text-va">● {baseline?.label}</span>
      {candidates.slice(0, 2).map((run) => (
        <span key={run.id} className="text-vb">
          ■ {run.label}
        </span>
      ))}
      {candidates.length > 2 && <span className="text-text-3">and {candidates.length - 2} more</span>}
    </span>
  );
}

const nameOf = ({ name, dataset, datasetVersion }: EvaluationBody) =>
  `${name === '' ? '' : `${name} · `}${dataset} v${datasetVersion}`;

type Picking = { isPicked: boolean; onPick: (isPicked: boolean) => void };

/** An evaluation in the list: what was asked, what came of it, and what it takes. */
export const evaluationCells = (one: EvaluationBody, { isPicked, onPick }: Picking): ReactNode[] => [
  <span key="dataset" className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] items-center gap-2">
    <input
      type="checkbox"
      className="m-1 size-4"
      aria-label={`Pick ${nameOf(one)} to compare`}
      title="Pick to compare"
      checked={isPicked}
      onChange={(event) => onPick(event.target.checked)}
    />
    <span className="block min-w-0">
      <Link to="/experiments/$evaluationId" params={{ evaluationId: one.id }} className="link">
        {nameOf(one)}
      </Link>
      <Runs evaluation={one} />
    </span>
  </span>,
  <span key="status" className="flex flex-wrap gap-1">
    <Outcome evaluation={one} />
    <Gates evaluation={one} />
  </span>,
  <span key="quality" title={mainMeasure(one)}>
    <Figure evaluation={one} measure={mainMeasure(one)} />
  </span>,
  <Figure key="latency" evaluation={one} measure="latency" />,
  <Figure key="cost" evaluation={one} measure="cost" />,
  <span key="spent" className="mono">
    {usd(one.costNanoUsd)}
  </span>,
  <span key="created" className="whitespace-nowrap text-text-2">
    {dateTime(one.createdAt)}
  </span>,
];
