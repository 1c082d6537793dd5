import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { DatasetHealthBody } from '@wheelhouse/sdk';
import { Tag } from 'lucide-react';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';

type Finding = {
  title: string;
  /** How many rows there are of it; none is good. */
  rows: number;
  text: string;
  /** Which rows they are, as far as the report names them; with the tag that marks them. */
  marked?: { ids: string[]; tag: string };
  more?: ReactNode;
};

const listed = 5;

function Texts({ texts }: { texts: { text: string; note: string }[] }) {
  return (
    <ul className="mt-1">
      {texts.slice(0, listed).map(({ text, note }) => (
        <li key={`${note} ${text}`} className="flex gap-2">
          <span className="said line-clamp-1 min-w-0 flex-[0_1_auto]">{text}</span>
          <span className="min-w-16 flex-[0_10_auto] truncate text-text-3">{note}</span>
        </li>
      ))}
      {texts.length > listed && <li className="text-text-3">and {count(texts.length - listed)} more</li>}
    </ul>
  );
}

/** In the order of what spoils numbers most. */
function findingsOf(report: DatasetHealthBody): Finding[] {
  const { misfits, duplicates, leakage, conflicts, outliers, personal } = report;
  const leaks = leakage.splits.reduce((sum, { rows }) => sum + rows, 0);
  const prompts = leakage.prompts.reduce((sum, { rows }) => sum + rows, 0);
  const odd = [...outliers.short.ids, ...outliers.long.ids, ...outliers.unlike.ids];
  return [
    {
      title: 'Leaks between splits',
      rows: leaks,
      text: leakage.splits.map(({ splits, rows }) => `${splits.join(' and ')}: ${count(rows)}`).join(', '),
      marked: { ids: leakage.splits.flatMap(({ pairs }) => pairs.flat()), tag: 'in-two-splits' },
    },
    {
      title: 'In prompts of models',
      rows: prompts,
      text: leakage.prompts.map(({ prompt, rows }) => `${prompt}: ${count(rows)}`).join(', '),
      marked: { ids: leakage.prompts.flatMap(({ ids }) => ids), tag: 'in-a-prompt' },
    },
    {
      title: 'One input, several expected values',
      rows: conflicts.inputs,
      text: plural(conflicts.inputs, 'input'),
      marked: { ids: conflicts.list.flatMap(({ ids }) => ids), tag: 'conflict' },
      more: <Texts texts={conflicts.list.map(({ text, expected }) => ({ text, note: expected.join(' / ') }))} />,
    },
    {
      title: 'Duplicates',
      rows: duplicates.exactRows + duplicates.nearRows,
      text: `${count(duplicates.exactRows)} equal, ${count(duplicates.nearRows)} nearly equal to an earlier one`,
      marked: { ids: duplicates.clusters.flatMap(({ ids }) => ids.slice(1)), tag: 'duplicate' },
      more: <Texts texts={duplicates.clusters.map(({ text, size }) => ({ text, note: `× ${count(size)}` }))} />,
    },
    {
      title: 'Not as the schema says',
      rows: misfits.rows,
      text: plural(misfits.rows, 'row'),
      more: <Texts texts={misfits.problems.map(({ at, error }) => ({ text: error, note: `row ${count(at)}` }))} />,
    },
    {
      title: 'Personal data',
      rows: personal.rows,
      text: Object.entries(personal.kinds)
        .map(([kind, times]) => `${kind} ${count(times)}`)
        .join(', '),
      marked: { ids: personal.ids, tag: 'personal-data' },
    },
    {
      title: 'Unlike the others',
      rows: outliers.short.rows + outliers.long.rows + outliers.unlike.rows,
      text: `${count(outliers.short.rows)} short, ${count(outliers.long.rows)} long, ${count(outliers.unlike.rows)} about something else`,
      marked: { ids: odd, tag: 'outlier' },
    },
  ];
}

/** Marks what was found, so that it is a slice that one can go through. */
function MarkRows({ name, ids, tag }: { name: string; ids: string[]; tag: string }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const mark = useMutation({
    mutationFn: () =>
      client.call('labelExamples', { params: { name }, body: { ids: [...new Set(ids)], addTags: [tag] } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['dataset', name] });
      await navigate({ to: '/datasets/$name', params: { name }, search: { tag } });
    },
  });
  return (
    <May call="labelExamples">
      <button
        type="button"
        className="btn self-start"
        disabled={mark.isPending}
        title={`Tags ${plural(new Set(ids).size, 'row')} of the draft, and shows them`}
        onClick={() => mark.mutate()}
      >
        <Tag size={12} strokeWidth={1.75} aria-hidden="true" />
        Tag as {tag}
      </button>
      {mark.error && <span className="text-bad">✕ {mark.error.message}</span>}
    </May>
  );
}

function Coverage({ coverage }: { coverage: DatasetHealthBody['coverage'] }) {
  if (coverage === null) return null;
  const isCovered = coverage.covered >= 0.95;
  return (
    <Item isGood={isCovered} title="Production">
      {Math.round(coverage.covered * 100)} % of {count(coverage.traces)} recent inputs are near a row
      {coverage.gaps.length > 0 && ' · not covered:'}
      <ul>
        {coverage.gaps.slice(0, listed).map(({ words, size, traceIds, text }) => (
          <li key={words.join(' ')} className="flex flex-wrap gap-x-2">
            <span className="font-medium">{words.join(', ')}</span>
            <span className="mono text-text-3">{count(size)}</span>
            <span className="said line-clamp-1 min-w-0 text-text-2">{text}</span>
            {traceIds[0] && (
              <Link to="/traces/$traceId" params={{ traceId: traceIds[0] }} className="link" preload={false}>
                one of them
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Item>
  );
}

type ItemProps = { isGood: boolean; title: string; action?: ReactNode; children: ReactNode };

function Item({ isGood, title, action, children }: ItemProps) {
  return (
    <li className="grid gap-x-3 gap-y-1 border-b border-line px-4 py-2 grid-cols-[16px_minmax(0,1fr)] max-sm:[&>:nth-child(n+3)]:col-start-2 sm:grid-cols-[16px_220px_minmax(0,1fr)_auto]">
      <span className={isGood ? 'text-good' : 'text-warn'}>
        <span aria-hidden="true">{isGood ? '✓' : '▲'}</span>
        <span className="sr-only">{isGood ? 'good' : 'worth knowing'}</span>
      </span>
      <span className="font-medium">{title}</span>
      <div className="min-w-0 text-text-2">{children}</div>
      {action}
    </li>
  );
}

/** What the check found, what is worth a look first. */
export function HealthFindings({ name, report }: { name: string; report: DatasetHealthBody }) {
  return (
    <ul aria-label="Findings">
      {findingsOf(report)
        .toSorted((a, b) => Number(b.rows > 0) - Number(a.rows > 0))
        .map(({ title, rows, text, marked, more }) => (
          <Item
            key={title}
            isGood={rows === 0}
            title={title}
            action={
              report.version === null && rows > 0 && marked && marked.ids.length > 0 ? (
                <MarkRows name={name} ids={marked.ids} tag={marked.tag} />
              ) : undefined
            }
          >
            {rows === 0 ? 'none' : text}
            {rows > 0 && more}
          </Item>
        ))}
      <Coverage coverage={report.coverage} />
    </ul>
  );
}
