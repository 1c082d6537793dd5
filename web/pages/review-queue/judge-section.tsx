import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ResponseBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { evaluationQuery } from '../../data/evaluation-queries.ts';
import { count, plural } from '../../data/format.ts';
import { isComparable, judgeQuery } from '../../data/review-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section } from './section.tsx';

const route = getRouteApi('/review/$queue');

type Draw = NonNullable<ReviewQueueBody['draw']>;
type Judged = ResponseBody<'correctJudge'>;
type Run = Judged['runs'][number];

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const points = (value: number) => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} pp`.replace('-', '−');

type DifferencePill = { tone: 'good' | 'bad' | 'mute'; text: string };
const decisions: Record<NonNullable<Run['difference']>['decision'], DifferencePill> = {
  higher: { tone: 'good', text: '▲ higher' },
  lower: { tone: 'bad', text: '▼ lower' },
  unclear: { tone: 'mute', text: 'No clear difference' },
  too_few: { tone: 'mute', text: 'Not enough labels' },
};

function Difference({ difference }: Pick<Run, 'difference'>) {
  if (difference === null) return <span className="text-text-3">the baseline</span>;
  const { tone, text } = decisions[difference.decision];
  const { estimate, interval } = difference;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Pill tone={tone}>{text}</Pill>
      {estimate !== null && interval && (
        <span className="mono whitespace-nowrap">
          {points(estimate)}{' '}
          <span className="text-text-3">
            {points(interval.low)} to {points(interval.high)}
          </span>
        </span>
      )}
    </span>
  );
}

/** What people would say of all rows; the bar says it once more, between 0 and 1. */
function Estimate({ score: { estimate, interval, raw } }: Pick<Run, 'score'>) {
  if (estimate === null || !interval) return <span className="text-text-3">too few labels</span>;
  const x = (value: number) => 2 + Math.max(0, Math.min(1, value)) * 96;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span className="mono whitespace-nowrap">
        {percent(estimate)}{' '}
        <span className="text-text-3">
          {percent(interval.low)} to {percent(interval.high)}
        </span>
      </span>
      <svg viewBox="0 0 100 12" width={100} height={12} className="flex-none max-md:hidden" aria-hidden="true">
        <line x1="2" x2="98" y1="6" y2="6" stroke="var(--border)" />
        <line x1={x(interval.low)} x2={x(interval.high)} y1="6" y2="6" stroke="var(--text-2)" strokeWidth="2" />
        {raw !== null && <line x1={x(raw)} x2={x(raw)} y1="1" y2="11" stroke="var(--accent)" strokeWidth="1.5" />}
        <circle cx={x(estimate)} cy="6" r="3" fill="var(--text)" />
      </svg>
    </span>
  );
}

function Table({ judged }: { judged: Judged }) {
  return (
    <DataTable
      label="Judge and people"
      heads={['Run', `${judged.measure} says`, `People would say (${judged.field})`, 'Against the baseline', 'Labels']}
      right={[1, 4]}
      rows={judged.runs.map(({ runId, label, score, difference }) => ({
        key: runId,
        cells: [
          <span key="label">{label}</span>,
          <span key="raw" className="mono">
            {score.raw === null ? '–' : percent(score.raw)}
          </span>,
          <Estimate key="estimate" score={score} />,
          <Difference key="difference" difference={difference} />,
          <span
            key="labels"
            className="mono"
            title={score.labelsWanted === null ? undefined : `${count(score.labelsWanted)} for ± 5 pp`}
          >
            {count(score.labels)} of {count(score.rows)}
            {score.labelsWanted !== null && score.labelsWanted > score.labels && (
              <span className="text-text-3"> · {count(score.labelsWanted)} for ± 5 pp</span>
            )}
          </span>,
        ],
      }))}
    />
  );
}

/** How judge and people agree, and whether the judge is lenient; of rows that were drawn evenly alone. */
function Agreement({ runs }: { runs: Run[] }) {
  const shown = runs.flatMap(({ label, agreement }) => (agreement === null ? [] : [{ label, agreement }]));
  if (shown.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-col gap-1 text-text-2">
      {shown.map(({ label, agreement: { n, alpha, leniency, binary } }) => (
        <li key={label}>
          {label}: of {plural(n, 'row')} judge and people agree with alpha{' '}
          <span className="mono">{alpha.value?.toFixed(2).replace('-', '−') ?? '–'}</span>
          {binary && (
            <>
              , in <span className="mono">{percent(binary.accuracy.estimate)}</span>
            </>
          )}
          . {leniency.sentence}
        </li>
      ))}
    </ul>
  );
}

/** A judge's scores of all rows, put right by what people said of some. */
export function JudgeSection({ queue, draw }: { queue: ReviewQueueBody; draw: Draw }) {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const fields = queue.form.filter(isComparable).map(({ name }) => name);
  const evaluation = useQuery(evaluationQuery(client, draw.evaluationId)).data;
  const measures = evaluation?.scorers ?? [draw.measure];
  const [field, measure] = [search.field ?? fields[0], search.measure ?? draw.measure];
  const query = useQuery({
    ...judgeQuery(client, queue.name, { field, measure }),
    enabled: fields.length > 0,
  });
  const pick = (key: 'field' | 'measure', label: string, value: string | undefined, values: string[]) =>
    values.length > 1 && (
      <label className="flex items-center gap-1 text-sm text-text-2">
        {label}
        <select
          className="field !w-auto max-w-48"
          value={value}
          onChange={(event) =>
            void navigate({
              to: '/review/$queue',
              params: { queue: queue.name },
              search: { ...search, [key]: event.target.value },
              replace: true,
            })
          }
        >
          {values.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    );
  return (
    <Section
      title="The judge, corrected"
      aside={
        <>
          {pick('measure', 'judge', measure, measures)}
          {pick('field', 'people', field, fields)}
        </>
      }
    >
      <p className="mb-2 text-text-2">
        {count(draw.count)} of {plural(draw.rows, 'row')} of{' '}
        <Link to="/experiments/$evaluationId" params={{ evaluationId: draw.evaluationId }} className="link underline">
          {evaluation?.name || evaluation?.dataset || 'the evaluation'}
        </Link>{' '}
        were drawn {draw.pick === 'doubt' ? `by the doubt of ${draw.measure}` : 'evenly'}. From the judge’s scores of
        all rows and people’s labels of these follows what people would say of all of them.
      </p>
      {fields.length === 0 && <p className="text-text-2">No field of this queue can be compared with a judge.</p>}
      {query.error && <ErrorText error={query.error} />}
      {query.data && <Table judged={query.data} />}
      {query.data && <Agreement runs={query.data.runs} />}
    </Section>
  );
}
