import { useInfiniteQuery } from '@tanstack/react-query';
import type { DatasetDiffBody, ExampleBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { datasetDiffQuery } from '../../data/dataset-queries.ts';
import { asText, count, exampleText } from '../../data/format.ts';
import { jsonIn } from '../../data/json-diff.ts';
import { wordDiff } from '../../data/text-diff.ts';
import { AnswerDiff } from '../../parts/diff-text.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';

type Difference = DatasetDiffBody['data'][number];

const looks = {
  added: { tone: 'good', glyph: '+' },
  removed: { tone: 'bad', glyph: '−' },
  changed: { tone: 'warn', glyph: '~' },
} as const;

/** The value at a path such as `expected.city` or `tags`. */
const partOf = (example: ExampleBody, field: string): unknown => {
  const [root = '', ...rest] = field.split('.');
  return rest.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    (example as Record<string, unknown>)[root],
  );
};

/** What it was and what it is; a value that was written anew stands whole beside the old one. */
function FieldChange({ before, after }: { before: string; after: string }) {
  const isRewritten = jsonIn(before) === undefined && wordDiff(before, after) === null;
  if (!isRewritten) return <AnswerDiff a={before} b={after} />;
  return (
    <>
      {before !== '' && <del>{before}</del>} {after === '' ? '→ nothing' : <ins>{after}</ins>}
    </>
  );
}

function Changes({ before, after, fields }: { before: ExampleBody; after: ExampleBody; fields: string[] }) {
  return (
    <dl className="grid grid-cols-[minmax(72px,auto)_minmax(0,1fr)] gap-x-3 gap-y-1">
      {fields.map((field) => (
        <div key={field} className="contents">
          <dt className="mono text-text-3">{field}</dt>
          <dd className="said whitespace-pre-wrap">
            <FieldChange before={asText(partOf(before, field))} after={asText(partOf(after, field))} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ difference: { kind, before, after, fields } }: { difference: Difference }) {
  const one = after ?? before;
  const { tone, glyph } = looks[kind];
  return (
    <li className="grid gap-x-3 border-b border-line px-4 py-2 md:grid-cols-[96px_minmax(0,1fr)]">
      <span>
        <Pill tone={tone}>
          {glyph} {kind}
        </Pill>
      </span>
      <div className="min-w-0">
        <p className="said line-clamp-3">{one && (one.erasedAt === null ? exampleText(one.input) : '✕ erased')}</p>
        {kind === 'changed' && before && after ? (
          <Changes before={before} after={after} fields={fields} />
        ) : (
          <p className="said line-clamp-3 text-text-2">{one && asText(one.expected)}</p>
        )}
      </div>
    </li>
  );
}

/** What is different between two versions, row by row and field by field. @param to undefined: the draft */
export function DiffView({ name, from, to }: { name: string; from: number; to: number | undefined }) {
  const { client } = useData();
  const query = useInfiniteQuery(datasetDiffQuery(client, name, { from, to }));
  const counts = query.data?.pages[0]?.counts;
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  if (query.isPending) return <Loading what="differences" />;
  if (query.error && !query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <section aria-label="Differences">
      <h2 className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 font-semibold">
        From v{from} to {to === undefined ? 'the draft' : `v${to}`}
        {counts && (
          <span className="mono font-normal text-text-2">
            +{count(counts.added)} −{count(counts.removed)} ~{count(counts.changed)}
          </span>
        )}
      </h2>
      {rows.length === 0 && <p className="p-4 text-text-2">Nothing is different.</p>}
      <ul>
        {rows.map((difference) => (
          <Row key={difference.id} difference={difference} />
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="p-4">
          <button
            type="button"
            className="btn"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </button>
        </div>
      )}
    </section>
  );
}
