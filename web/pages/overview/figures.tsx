import type { SeriesBody } from '@wheelhouse/sdk';
import { ChangeText } from './change-text.tsx';
import { isNew, tooFew } from './changes.ts';
import { type Measure, type Measures, measuresBefore } from './measures.ts';

type FiguresProps = { measure: Measure; series: SeriesBody; total: Measures };

/** What a measure was over the whole time, each figure beside the same of the period before. */
export function Figures({ measure, series, total }: FiguresProps) {
  const [only] = series.groups;
  const before = only ? measuresBefore(series, only) : null;
  const thing = series.of === 'calls' ? 'call' : 'trace';
  const few = before && tooFew(total.count, before.count, thing);
  const held = few === null && before !== null && before.count > 0 ? before : null;
  return (
    <div className="px-3">
      <div className={measure.figures.length > 2 ? 'grid grid-cols-3 gap-x-2' : 'flex flex-wrap gap-x-5'}>
        {measure.figures.map((figure) => {
          const change = held && figure.change(total, held);
          return (
            <div key={figure.name} className="min-w-0">
              <p className="flex flex-wrap items-baseline gap-x-1.5">
                <span className="min-w-0 text-xl font-semibold">{figure.text(total)}</span>
                {measure.figures.length > 1 && <span className="text-xs text-text-3">{figure.name}</span>}
              </p>
              {held && change && (
                <p className="leading-4">
                  <ChangeText change={change} was={figure.text(held)} />
                </p>
              )}
              {change?.note && (
                <p aria-hidden="true" className="text-xs leading-4 text-text-3">
                  {change.note}
                </p>
              )}
            </div>
          );
        })}
      </div>
      {before?.count === 0 && total.count > 0 && (
        <p className="leading-4">
          <ChangeText change={isNew} />
        </p>
      )}
      {few && <p className="text-xs leading-4 text-text-3">{few}</p>}
    </div>
  );
}
