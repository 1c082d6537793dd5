import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import type { OverviewSearch } from '../../data/overview-search.ts';
import { attentionQuery } from '../../data/trace-queries.ts';
import { ErrorText } from '../../parts/request-state.tsx';

const marks = {
  bad: { glyph: '✕', word: 'Broken:', look: 'text-bad' },
  warn: { glyph: '▲', word: 'Warning:', look: 'text-warn' },
  note: { glyph: '●', word: 'Note:', look: 'text-text-2' },
} as const;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** What somebody should look at, the most severe first, each a step from what is behind it. */
export function Attention({ range }: { range: NonNullable<OverviewSearch['range']> }) {
  const { client } = useData();
  const { data, error } = useQuery(attentionQuery(client, range));
  return (
    <section aria-label="Needs attention" className="card mb-3">
      <h2 className="flex items-baseline gap-2 border-b border-line px-3 py-2 text-sm text-text-2">
        Needs attention
        {data && data.rows.length > 0 && <span className="mono">{count(data.rows.length + data.more)}</span>}
      </h2>
      {!data && error && (
        <div className="p-3">
          <ErrorText error={error} />
        </div>
      )}
      {!data && !error && (
        <div role="status" className="p-3">
          <span className="sr-only">Loading what needs attention …</span>
          <div className="skeleton h-4 w-60" />
        </div>
      )}
      {data && (
        <>
          {data.rows.length === 0 && (
            <p className="px-3 pt-2">
              <span aria-hidden="true" className="text-good">
                ✓
              </span>{' '}
              {data.unread.length === 0 ? 'Nothing needs attention.' : 'Nothing else needs attention.'}
            </p>
          )}
          {data.rows.length > 0 && (
            <ul>
              {data.rows.map(({ severity, text, href }) => (
                <li key={text} className="border-b border-line">
                  <Link to={href} className="flex gap-2 px-3 py-1.5 hover:bg-sunken">
                    <span aria-hidden="true" className={marks[severity].look}>
                      {marks[severity].glyph}
                    </span>
                    <span className="sr-only">{marks[severity].word}</span>
                    <span className="min-w-0 flex-1 wrap-anywhere">{text}</span>
                    <span aria-hidden="true" className="text-text-3">
                      →
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
          {data.unread.length > 0 && (
            <p className="px-3 pt-2">
              <span aria-hidden="true" className="text-warn">
                ▲
              </span>{' '}
              Could not be read: {data.unread.join(', ')}.
            </p>
          )}
          <p className="px-3 py-2 text-xs text-text-3">
            {data.more > 0 && `${plural(data.more, 'row')} more. `}
            Looked at {data.looked.join(', ')}. Traces and calls of the last {range}, as of{' '}
            {clock.format(new Date(data.at))}.
          </p>
        </>
      )}
    </section>
  );
}
