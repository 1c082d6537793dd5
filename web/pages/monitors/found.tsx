import { Link } from '@tanstack/react-router';
import type { ResponseBody } from '@wheelhouse/sdk';
import { count, dateTime, plural } from '../../data/format.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';

type Found = ResponseBody<'testMonitor'>;

const looks = {
  bad: { tone: 'bad', glyph: '✕', text: 'would alert' },
  good: { tone: 'good', glyph: '✓', text: 'would not alert' },
  nothing: { tone: 'warn', glyph: '?', text: 'no data' },
} as const;

/** What a look found, in a line, with the way to the traces behind it. */
export function FoundLine({ found }: { found: Found }) {
  const { tone, glyph, text } = looks[found.found];
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 rounded-2 bg-sunken px-3 py-2">
      <Pill tone={tone}>
        {glyph} {text}
      </Pill>
      <span className="min-w-0 break-words">{found.sentence}</span>
      {found.rows > 0 && (
        <span className="text-text-3">
          {plural(found.rows, 'trace')} measured,{' '}
          <Link to="/traces" search={{ q: found.q }} className="link underline">
            those behind it
          </Link>
        </span>
      )}
    </p>
  );
}

const p = (value: number) => (value < 0.001 ? '< 0.001' : value.toFixed(3));

/** Every feature that traces tell: whether it is as it was, by how much not, since when, and which traces moved it. */
export function DriftTable({ drift }: { drift: Found['drift'] }) {
  if (drift.length === 0) return null;
  return (
    <DataTable
      label="What changed"
      heads={['Feature', 'State', 'What changed', 'Since', 'p', 'Distance', 'Traces that moved it']}
      right={[4, 5]}
      rows={drift.map(({ name, drifted, sentence, since, p: chance, distance, traces }) => ({
        key: name,
        cells: [
          <span key="name" className="mono">
            {name}
          </span>,
          drifted ? (
            <Pill key="state" tone="bad">
              ▲ drifted
            </Pill>
          ) : (
            <Pill key="state" tone="mute">
              as before
            </Pill>
          ),
          <span key="what" className="block text-sm break-words text-text-2">
            {sentence}
          </span>,
          <span key="since" className="whitespace-nowrap text-text-2">
            {since === null ? '–' : dateTime(since)}
          </span>,
          <span key="p" className="mono whitespace-nowrap">
            {p(chance)}
          </span>,
          <span key="distance" className="mono">
            {distance.toFixed(3)}
          </span>,
          traces.length === 0 ? (
            <span key="traces" className="text-text-3">
              –
            </span>
          ) : (
            <Link key="traces" to="/traces" search={{ q: `trace:${traces.join(',')}` }} className="link underline">
              {count(traces.length)}
            </Link>
          ),
        ],
      }))}
    />
  );
}
