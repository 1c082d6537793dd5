import type { ReplayDetailBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, duration, plural, usd } from '../../data/format.ts';
import { DataTable } from '../../parts/data-table.tsx';

type Behaviour = ReplayDetailBody['behaviour'];
type Side = Behaviour['before'];
type Field = Behaviour['fields'][number];

const none = '–';
const percent = (value: number | null) => (value === null ? none : `${Math.round(value * 100)} %`);
const whole = (value: number) => String(Math.round(value));

const measures: { name: string; of: (side: Side) => string }[] = [
  { name: 'Same answer when asked again', of: ({ stable }) => percent(stable) },
  { name: 'Words alike when asked again', of: ({ alike }) => percent(alike) },
  { name: 'Characters of an answer', of: ({ length }) => (length === null ? none : count(Math.round(length))) },
  { name: 'Time of a call', of: ({ latencyNs }) => (latencyNs === null ? none : duration(whole(latencyNs))) },
  { name: 'Cost of a call', of: ({ costNanoUsd }) => (costNanoUsd === null ? none : usd(whole(costNanoUsd))) },
];

type Versions = { incumbent: number; candidate: number };
const headsOf = ({ incumbent, candidate }: Versions) => [`v${incumbent}`, `v${candidate}`];
const number = (text: string): ReactNode => <span className="mono">{text}</span>;

/** What each version is like by itself. */
export function SideTable({ behaviour: { before, after, keys }, ...versions }: Versions & { behaviour: Behaviour }) {
  return (
    <>
      <DataTable
        label="What each version is like"
        heads={['Each version', ...headsOf(versions)]}
        right={[1, 2]}
        rows={measures.map(({ name, of }) => ({ key: name, cells: [name, number(of(before)), number(of(after))] }))}
      />
      {keys.gone.length > 0 && (
        <p className="border-b border-line px-4 py-2 text-bad">
          ✕ Gone from answers: <span className="mono">{keys.gone.join(', ')}</span>
        </p>
      )}
      {keys.added.length > 0 && (
        <p className="border-b border-line px-4 py-2 text-text-2">
          New in answers: <span className="mono">{keys.added.join(', ')}</span>
        </p>
      )}
    </>
  );
}

const callsText = (calls: number) => calls.toLocaleString('en', { maximumFractionDigits: 2 });

/** Which tools each version calls. */
export function ToolTable({ behaviour: { tools }, ...versions }: Versions & { behaviour: Behaviour }) {
  if (tools.tools.length === 0) return null;
  const { counts } = tools;
  const said = [
    `${plural(counts.same, 'input')} with the same calls`,
    ...(counts.tools > 0 ? [`${counts.tools} with other tools`] : []),
    ...(counts.order > 0 ? [`${counts.order} in another order`] : []),
    ...(counts.arguments > 0 ? [`${counts.arguments} with other arguments`] : []),
  ];
  return (
    <section aria-labelledby="replay-tools">
      <h2 id="replay-tools" className="px-4 pt-3 pb-1 font-semibold">
        Tools
      </h2>
      <p className="px-4 pb-2 text-text-2">{said.join(' · ')}</p>
      <DataTable
        label="Calls of tools for an answer"
        heads={['Calls for an answer', ...headsOf(versions)]}
        right={[1, 2]}
        rows={tools.tools.map(({ name, before, after }) => ({
          key: name,
          cells: [
            <span key="name" className="mono break-all">
              {name}
            </span>,
            number(callsText(before)),
            <span key="after" className={`mono ${after === 0 || before === 0 ? 'font-semibold text-bad' : ''}`}>
              {callsText(after)}
              {before === 0 && ' new'}
              {after === 0 && ' gone'}
            </span>,
          ],
        }))}
      />
    </section>
  );
}

const isTold = ({ before, after, changed }: Field) =>
  changed > 0 || before.share !== after.share || before.types.join() !== after.types.join();
const sideText = ({ share, types }: Field['before']) =>
  share === 0 ? none : `${types.join(', ')} in ${percent(share)}`;

/** Where answers that are JSON differ, place by place. */
export function FieldTable({ behaviour: { fields }, ...versions }: Versions & { behaviour: Behaviour }) {
  const told = fields.filter(isTold);
  if (fields.length === 0) return null;
  return (
    <section aria-labelledby="replay-fields">
      <h2 id="replay-fields" className="px-4 pt-3 pb-1 font-semibold">
        Fields
      </h2>
      {told.length === 0 ? (
        <p className="border-b border-line px-4 pb-3 text-text-2">
          All {plural(fields.length, 'place')} of the answers have the same values.
        </p>
      ) : (
        <DataTable
          label="Fields of answers"
          heads={['Field', ...headsOf(versions), 'Changed in']}
          right={[3]}
          rows={told.map(({ path, before, after, changed }) => ({
            key: path,
            cells: [
              <span key="path" className="mono break-all">
                {path === '' ? 'the whole answer' : path}
              </span>,
              sideText(before),
              <span
                key="after"
                className={before.share !== after.share || before.types.join() !== after.types.join() ? 'text-bad' : ''}
              >
                {sideText(after)}
              </span>,
              number(plural(changed, 'input')),
            ],
          }))}
        />
      )}
    </section>
  );
}
