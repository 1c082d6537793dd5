import type { ReleaseBody, ReleaseDetailBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { count, dateTime, plural } from '../../data/format.ts';
import { type Rail, type RailReading, railChange, railInterval, railState } from '../../data/release-words.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { type Look, TrackChart } from './track-chart.tsx';

type TrackSectionProps = {
  rail: Rail;
  release: ReleaseBody;
  verdict: NonNullable<ReleaseBody['verdict']>;
  track: ReleaseDetailBody['track'];
};

/** Looks at which the rail had a new value. */
function looksAt(track: ReleaseDetailBody['track'], place: number): Look[] {
  const all = track.flatMap(({ at, rails }) => {
    const rail = rails[place];
    return rail === undefined || rail.count === 0 ? [] : [{ at, ...rail }];
  });
  return all.filter((one, i) => one.count !== all[i + 1]?.count);
}

const saidOf = (reading: RailReading, looks: readonly Look[], minimum: number): string =>
  [
    `Difference in ${reading.name} over ${plural(looks.length, 'look')}`,
    `now ${railChange(reading.difference, reading)}, interval ${railInterval(reading)}`,
    `smallest loss that matters ${railChange(reading.better === 'higher' ? -reading.effect : reading.effect, reading)}`,
    railState(reading, minimum),
  ].join('; ');

/** The test of one rail as it went on: its interval at each look, against the smallest loss that matters. */
export function TrackSection({ rail, release, verdict, track }: TrackSectionProps) {
  const [isOpen, setOpen] = useState(false);
  const reading = verdict.rails.find(({ name }) => name === rail.name);
  if (reading === undefined) return null;
  const looks = looksAt(track, verdict.rails.indexOf(reading));
  const title = `${rail.name} as it went on`;
  return (
    <section aria-label={title} className="border-b border-line bg-surface">
      <div className="px-4 pt-3">
        <h2 className="font-semibold">{title}</h2>
        <p className="text-sm text-text-3">
          v{release.candidate} less v{release.incumbent}: the difference, and what it may be, by values of v
          {release.candidate}. Held is what lies on the good side of the dotted line; worse is what lies wholly on the
          bad side of none.
        </p>
      </div>
      {looks.length === 0 ? (
        <p className="flex h-32 items-center justify-center px-4 text-text-3">
          No value of v{release.candidate} has come for this rail yet.
        </p>
      ) : (
        <>
          <div className="px-2 pt-2">
            <TrackChart label={saidOf(reading, looks, release.minimum)} rail={reading} looks={looks} />
          </div>
          <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary className="min-h-6 px-4 text-xs leading-6 text-text-3">As a table</summary>
            {isOpen && (
              <div className="max-h-72 overflow-auto">
                <DataTable
                  label={`${title}, as a table`}
                  heads={['Looked at', 'Values', 'Change', 'Interval']}
                  right={[1, 2]}
                  rows={looks.toReversed().map(({ at, count: values, difference, interval }) => ({
                    key: `${at} ${values}`,
                    cells: [
                      dateTime(at),
                      <span key="count" className="mono">
                        {count(values)}
                      </span>,
                      <span key="change" className="mono">
                        {railChange(difference, reading)}
                      </span>,
                      <span key="interval" className="mono whitespace-nowrap">
                        {railInterval({ interval, unit: reading.unit })}
                      </span>,
                    ],
                  }))}
                />
              </div>
            )}
          </details>
        </>
      )}
    </section>
  );
}
