import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ResponseBody } from '@wheelhouse/sdk';
import { ArrowLeft } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { datasetHealthQuery, datasetJobsQuery, inferredSchemaQuery } from '../../data/dataset-queries.ts';
import { count, dateTime, plural } from '../../data/format.ts';
import { type SchemaLine, schemaLines } from '../../data/schema-lines.ts';
import { JsonField, mustBeObject } from '../../parts/json-field.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { isUnderWay, JobLine, RowProblems } from './job-line.tsx';

type Detail = ResponseBody<'getDataset'>;
type Schema = Detail['dataset']['schema'];

const parts = ['input', 'expected', 'metadata'] as const;
type Part = (typeof parts)[number];
const names: Record<Part, string> = { input: 'Input', expected: 'Expected', metadata: 'Metadata' };

function Lines({ lines, part }: { lines: SchemaLine[]; part: Part }) {
  return (
    <ul aria-label={`What the ${part} of rows has`} className="rounded-2 border border-line">
      {lines.map(({ path, type, always }) => (
        <li
          key={path}
          className="mono grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-line px-2 py-0.5 [&+li]:border-t"
        >
          <span className="said">{path}</span>
          <span className="text-right text-text-2">
            {type}
            {!always && <span className="text-text-3">, not always</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

type SectionProps = {
  part: Part;
  asked: Schema[Part];
  /** undefined: not known yet. */
  found: Schema[Part] | undefined;
  onChange: ((asked: Schema[Part]) => void) | null;
};

/** What is asked of one part of a row, beside what the rows have. */
function PartSection({ part, asked, found, onChange }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-b border-line p-4">
      <h2 id={id} className="mb-2 font-semibold">
        {names[part]}
      </h2>
      <div className="grid gap-4 lg:grid-cols-2">
        <div className="min-w-0">
          {onChange ? (
            <JsonField
              label={`Schema of ${part}`}
              hint={
                part === 'expected'
                  ? 'JSON Schema; empty: anything. It may be left out.'
                  : 'JSON Schema; empty: anything.'
              }
              value={asked ?? undefined}
              check={mustBeObject}
              placeholder={`{ "type": "${part === 'metadata' ? 'object' : 'string'}" }`}
              onChange={(value) => onChange((value as Schema[Part] | undefined) ?? null)}
            />
          ) : (
            <pre className="mono said max-h-80 overflow-auto whitespace-pre-wrap">
              {asked === null ? 'Anything.' : JSON.stringify(asked, null, 2)}
            </pre>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          <h3 className="text-sm font-medium">What the rows have</h3>
          {found === undefined || found === null ? (
            <p className="text-text-3">{found === null ? 'There is no row yet.' : 'Looking …'}</p>
          ) : (
            <>
              <Lines lines={schemaLines(found as Parameters<typeof schemaLines>[0], part)} part={part} />
              {onChange && (
                <div>
                  <button type="button" className="btn" onClick={() => onChange(found)}>
                    <ArrowLeft size={13} strokeWidth={1.75} aria-hidden="true" className="max-lg:rotate-90" />
                    Ask for it<span className="sr-only"> of {part}</span>
                  </button>
                </div>
              )}
            </>
          )}
        </div>
      </div>
    </section>
  );
}

/** Rows of the draft that do not fit, as the newest check found them. */
function Misfits({ name }: { name: string }) {
  const { client } = useData();
  const jobs = useQuery(datasetJobsQuery(client, name)).data?.filter(
    ({ kind, params }) => kind === 'health' && params.version === null,
  );
  const [newest] = jobs ?? [];
  const done = jobs?.find(({ status }) => status === 'completed');
  const report = useQuery({
    ...datasetHealthQuery(client, name, { version: undefined, job: done?.id }),
    enabled: done !== undefined,
  }).data;
  if (!newest) return null;
  const isRunning = isUnderWay(newest);
  return (
    <section aria-label="Rows that do not fit" className="border-b border-line px-4 py-3">
      {newest.status !== 'completed' && <JobLine job={newest} />}
      {!isRunning && report && (
        <>
          <p className={report.misfits.rows > 0 ? 'text-bad' : 'text-text-2'}>
            {report.misfits.rows > 0
              ? `✕ ${count(report.misfits.rows)} of ${plural(report.looked, 'row')} did not fit`
              : `✓ Each of ${plural(report.looked, 'row')} fitted`}
            <span className="text-text-3">, checked {dateTime(report.checkedAt)}</span>
          </p>
          {report.misfits.problems.length > 0 && <RowProblems problems={report.misfits.problems} />}
          {report.misfits.rows > report.misfits.problems.length && (
            <p className="mt-1 text-text-3">The first {count(report.misfits.problems.length)} are listed.</p>
          )}
        </>
      )}
    </section>
  );
}

function summaryOf(schema: Schema): string {
  const asked = parts.filter((part) => schema[part] !== null);
  if (asked.length === 0) return 'Rows may be anything.';
  return `Rows must fit the schema of ${asked.join(', ').replace(/, (\w+)$/, ' and $1')}; those that do not are refused.`;
}

function useSave({ dataset: { name, draftCount } }: Detail) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async (schema: Schema) => {
      await client.call('changeDataset', { params: { name }, body: { schema } });
      if (draftCount > 0) await client.call('checkDataset', { params: { name }, body: {} });
    },
    onSuccess: () => toast('✓ Saved'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
  });
}

function SchemaForm({ detail, save }: { detail: Detail; save: ReturnType<typeof useSave> }) {
  const { client } = useData();
  const { name, schema, draftCount } = detail.dataset;
  const [asked, setAsked] = useState(schema);
  const inferred = useQuery(inferredSchemaQuery(client, name));
  const may = useMay()('changeDataset');
  const found = inferred.data?.schema;
  const isChanged = JSON.stringify(asked) !== JSON.stringify(schema);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(asked);
  };
  return (
    <form onSubmit={submit}>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-bg px-4 py-2">
        <span className="text-text-2">{summaryOf(schema)}</span>
        <May call="changeDataset">
          <span className="ml-auto flex flex-wrap gap-2">
            {found && (found.input !== null || found.expected !== null) && (
              <button type="button" className="btn" onClick={() => setAsked(found)}>
                Ask for what the rows have
              </button>
            )}
            <button type="submit" className="btn btn-primary" disabled={!isChanged || save.isPending}>
              {save.isPending ? 'Saving …' : draftCount > 0 ? 'Save and check the rows' : 'Save'}
            </button>
          </span>
        </May>
      </div>
      {save.error && (
        <div className="px-4 pt-3">
          <ErrorText error={save.error} />
        </div>
      )}
      {inferred.error && (
        <div className="px-4 pt-3">
          <ErrorText error={inferred.error} />
        </div>
      )}
      <Misfits name={name} />
      {parts.map((part) => (
        <PartSection
          key={part}
          part={part}
          asked={asked[part]}
          found={found?.[part]}
          onChange={may ? (value) => setAsked((before) => ({ ...before, [part]: value })) : null}
        />
      ))}
    </form>
  );
}

/** What rows must be: what is asked for, what they have, and which do not fit. */
export function SchemaTab({ detail }: { detail: Detail }) {
  const save = useSave(detail);
  // Begins anew when it has changed, here or elsewhere.
  return <SchemaForm key={JSON.stringify(detail.dataset.schema)} detail={detail} save={save} />;
}
