import { Link } from '@tanstack/react-router';
import type { ResponseBody } from '@wheelhouse/sdk';

type Feature = ResponseBody<'testMonitor'>['drift'][number];
type Part = Feature['parts'][number];

const percent = (share: number) => `${Number((share * 100).toPrecision(share < 0.1 ? 2 : 3))} %`;

/** Two bars, one below the other: before, and now. */
function Bars({ before, now, most }: Part & { most: number }) {
  const width = (share: number) => ({ width: `${most === 0 ? 0 : (share / most) * 100}%` });
  return (
    <span aria-hidden="true" className="flex h-4 flex-col justify-center gap-0.5">
      <span className="block h-1.5 rounded-1 bg-line-strong" style={width(before)} />
      <span className="block h-1.5 rounded-1 bg-accent" style={width(now)} />
    </span>
  );
}

function PartRow({ part, most }: { part: Part; most: number }) {
  const { name, before, now, traces } = part;
  return (
    <tr>
      <th scope="row" className="min-w-32 py-0.5 pr-3 text-left font-normal break-words">
        {traces.length === 0 ? (
          name
        ) : (
          <Link to="/traces" search={{ q: `trace:${traces.join(',')}` }} className="link underline">
            {name}
          </Link>
        )}
      </th>
      <td className="w-full">
        <Bars {...part} most={most} />
      </td>
      <td className="mono pl-3 text-right text-xs whitespace-nowrap text-text-3">{percent(before)}</td>
      <td className="mono pl-3 text-right text-xs whitespace-nowrap">{percent(now)}</td>
    </tr>
  );
}

/** What one feature is made of, before and now. */
function Parts({ name, drifted, parts }: Feature) {
  const most = Math.max(...parts.flatMap(({ before, now }) => [before, now]));
  return (
    <section aria-label={`What ${name} is made of`} className="min-w-0 rounded-2 border border-line bg-surface p-3">
      <h3 className="mono mb-1 flex flex-wrap items-baseline gap-2 text-sm">
        {name}
        {drifted && <span className="text-xs text-bad">▲ drifted</span>}
      </h3>
      <table className="w-full border-collapse text-sm">
        <thead className="text-xs text-text-3">
          <tr>
            <th scope="col" className="sr-only">
              Value
            </th>
            <th scope="col" className="sr-only">
              Bars
            </th>
            <th scope="col" className="pl-3 text-right font-normal">
              before
            </th>
            <th scope="col" className="pl-3 text-right font-normal">
              now
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <PartRow key={part.name} part={part} most={most} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Of these a person wants to see what they are made of, whether they drifted or not. */
const always = ['topic', 'tool_mix', 'refusal', 'retrieval.score', 'retrieval.documents'];

/** What features are made of: those that drifted, and what people ask, what tools do and what retrieval finds. */
export function DriftParts({ drift }: { drift: readonly Feature[] }) {
  const shown = drift.filter(({ name, drifted, parts }) => parts.length > 1 && (drifted || always.includes(name)));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="made-of" className="p-4">
      <h2 id="made-of" className="font-semibold">
        What they are made of
      </h2>
      <p className="pb-2 text-sm text-text-2">
        Shares <span className="text-text-3">before</span> (grey) and now; what grew leads to traces of now.
      </p>
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {shown.map((feature) => (
          <Parts key={feature.name} {...feature} />
        ))}
      </div>
    </section>
  );
}
