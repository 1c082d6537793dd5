import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OptimizationBody, OptimizationCandidateDetailBody } from '@wheelhouse/sdk';
import { X } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { asText, plural } from '../../data/format.ts';
import { candidateQuery } from '../../data/optimization-queries.ts';
import { jsonText } from '../../data/safe-json.ts';
import { AnswerDiff, LineDiff } from '../../parts/diff-text.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { CandidateLink } from './candidate-link.tsx';
import { CandidateScore } from './candidates.tsx';
import { nameOf, useView } from './view.ts';

type Tunables = OptimizationCandidateDetailBody['start'][string];
type Demo = NonNullable<Tunables['demos']>[number];

/** What of a demonstration says whether it is the same. */
const sameAs = (demo: Demo) => jsonText(demo.values);

function DemoView({ demo, isNew }: { demo: Demo; isNew: boolean }) {
  return (
    <li className="rounded-2 border border-line p-2">
      <div className="mb-1 flex flex-wrap items-center gap-2">
        {isNew && <Pill tone="good">+ new</Pill>}
        <span className="text-xs text-text-3">
          {demo.augmented ? 'made by running the program' : 'a row, as it is'}
        </span>
        {demo.traceId !== undefined && (
          <Link to="/traces/$traceId" params={{ traceId: demo.traceId }} className="link ml-auto text-sm">
            trace <span className="mono">{demo.traceId.slice(0, 8)}</span>
          </Link>
        )}
      </div>
      <dl className="grid grid-cols-[minmax(64px,auto)_minmax(0,1fr)] gap-x-3 gap-y-1">
        {Object.entries(demo.values).map(([field, value]) => (
          <div key={field} className="contents">
            <dt className="text-text-3">{field}</dt>
            <dd className="said min-w-0 line-clamp-4" title={asText(value)}>
              {asText(value)}
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function Demos({ demos, before }: { demos: readonly Demo[]; before: readonly Demo[] }) {
  const known = new Set(before.map(sameAs));
  const kept = new Set(demos.map(sameAs));
  const gone = before.filter((demo) => !kept.has(sameAs(demo))).length;
  if (demos.length === 0 && before.length === 0) return null;
  return (
    <div className="px-3 py-2">
      <h4 className="mb-1 font-medium">
        {plural(demos.length, 'demonstration')}
        {gone > 0 && <span className="font-normal text-text-3">, {gone} no more</span>}
      </h4>
      <ul className="flex flex-col gap-2">
        {demos.map((demo, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: demonstrations of a candidate never change.
          <DemoView key={i} demo={demo} isNew={!known.has(sameAs(demo))} />
        ))}
      </ul>
    </div>
  );
}

/** What else is tuned: fields, the model, parameters, thresholds. */
const restOf = ({ instructions: _, demos: __, ...rest }: Tunables) => jsonText(rest);

type PredictorProps = { path: string; now: Tunables; before: Tunables; against: string };

/** One predictor: its instructions with what changed, what it is shown, and the rest where that differs. */
function Predictor({ path, now, before, against }: PredictorProps) {
  const [was, is] = [before.instructions ?? '', now.instructions ?? ''];
  const hasOther = restOf(now) !== restOf(before);
  return (
    <section aria-label={path === '' ? 'The predictor' : path} className="border-b border-line">
      <h3 className={path === '' ? 'sr-only' : 'mono px-3 pt-2 font-semibold'}>{path || 'The predictor'}</h3>
      <div className="py-2">
        <h4 className="px-3 font-medium">
          Instructions
          {was === is && <span className="font-normal text-text-3">, as {against}</span>}
        </h4>
        {was === is ? (
          <p className="said px-3 py-1">{is === '' ? <span className="text-text-3">none</span> : is}</p>
        ) : (
          <LineDiff before={was} after={is} label={`Instructions ${path}`.trim()} />
        )}
      </div>
      {hasOther && (
        <div className="px-3 pb-2">
          <h4 className="font-medium">Beside them</h4>
          <AnswerDiff a={restOf(before)} b={restOf(now)} />
        </div>
      )}
      <Demos demos={now.demos ?? []} before={before.demos ?? []} />
    </section>
  );
}

function Against({ detail, parent }: { detail: OptimizationCandidateDetailBody; parent: number | undefined }) {
  const { view } = useView();
  if (detail.parent === null) return null;
  const choices = [
    { against: undefined, label: parent === undefined ? 'its parent' : nameOf(parent) },
    { against: 'start', label: 'as it was' },
  ] as const;
  if (parent === 0) return <span className="text-text-3">against the program as it was</span>;
  return (
    <span className="flex flex-wrap items-center gap-1">
      <span className="text-text-3">against</span>
      {choices.map(({ against, label }) => (
        <Link
          key={label}
          to="."
          search={(old: object) => ({ ...old, against }) as never}
          replace
          aria-current={against === view.against ? 'true' : undefined}
          activeProps={{ 'aria-current': against === view.against ? 'true' : undefined }}
          className={`btn !min-h-6 ${against === view.against ? '!border-line-strong' : 'btn-quiet'}`}
        >
          {label}
        </Link>
      ))}
    </span>
  );
}

function Detail({ optimization, detail }: { optimization: OptimizationBody; detail: OptimizationCandidateDetailBody }) {
  const { view } = useView();
  const parent = optimization.candidates.find(({ id }) => id === detail.parents[0]);
  const isStart = view.against === 'start' || detail.parent === null;
  const before = isStart ? detail.start : (detail.parent ?? detail.start);
  const against = isStart || parent === undefined || parent.n === 0 ? 'it was' : `in ${nameOf(parent.n)}`;
  const paths = [...new Set([...Object.keys(detail.instances), ...Object.keys(before)])].sort();
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
        <CandidateScore {...detail} />
        <span className="text-text-2">
          {detail.parents.length > 0 && (
            <>
              from{' '}
              {detail.parents.map((id, i) => (
                <span key={id}>
                  {i > 0 && ' and '}
                  <CandidateLink candidate={optimization.candidates.find((one) => one.id === id)} />
                </span>
              ))}{' '}
            </>
          )}
          by {detail.by}
        </span>
        <Against detail={detail} parent={parent?.n} />
      </div>
      {paths.map((path) => (
        <Predictor
          key={path}
          path={path}
          now={detail.instances[path] ?? {}}
          before={before[path] ?? {}}
          against={against}
        />
      ))}
    </>
  );
}

/** A candidate beside the page: what was changed in it, and the demonstrations that it shows, with where they came from. */
export function CandidatePeek({ optimization, candidateId }: { optimization: OptimizationBody; candidateId: string }) {
  const { client } = useData();
  const { go } = useView();
  const query = useQuery(candidateQuery(client, optimization.id, candidateId));
  const n = query.data?.n ?? optimization.candidates.find(({ id }) => id === candidateId)?.n;
  const close = () => go({ candidate: undefined, against: undefined });
  useShortcuts('Candidates', [{ keys: 'Escape', label: 'close the peek', run: close }]);
  return (
    <aside
      aria-label="Candidate"
      className="flex w-[440px] flex-none flex-col overflow-hidden border-l border-line bg-bg max-md:absolute max-md:inset-0 max-md:z-20 max-md:w-full xl:w-[520px]"
    >
      <div className="flex flex-none items-center gap-2 border-b border-line px-3 py-2">
        <h2 className="font-semibold">Candidate {n === undefined ? '' : nameOf(n)}</h2>
        {candidateId === optimization.bestId && <Pill tone="good">best</Pill>}
        <button type="button" className="btn btn-icon btn-quiet ml-auto" aria-label="Close the peek" onClick={close}>
          <X size={14} strokeWidth={1.75} />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section aria-label="The candidate" tabIndex={0} className="min-h-0 flex-1 overflow-auto -outline-offset-2">
        {query.data && <Detail optimization={optimization} detail={query.data} />}
        <QueryState query={query} what="the candidate" />
      </section>
    </aside>
  );
}
