import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { DatasetHealthBody, ResponseBody } from '@wheelhouse/sdk';
import { Stethoscope } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { datasetHealthQuery, datasetJobsQuery } from '../../data/dataset-queries.ts';
import { count, dateTime } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';
import { HealthFindings } from './health-findings.tsx';
import { HealthMap } from './health-map.tsx';
import { isUnderWay, JobLine } from './job-line.tsx';
import { Histogram, Shares } from './shares.tsx';

const route = getRouteApi('/datasets/$name');

function Report({ name, report }: { name: string; report: DatasetHealthBody }) {
  const { map, lengths, languages, expected } = report;
  return (
    <>
      <HealthFindings name={name} report={report} />
      <section aria-labelledby="health-map" className="border-t border-line p-4">
        <h2 id="health-map" className="mb-2 font-semibold">
          Map
        </h2>
        <HealthMap map={map} />
      </section>
      <div className="grid border-t border-line md:grid-cols-2">
        <Histogram title="Length of inputs" histogram={lengths.input} />
        <Histogram title="Length of expected values" histogram={lengths.expected} />
        <Shares
          title="Languages"
          shares={languages.map(({ language, rows }) => ({ name: language, rows }))}
          of={report.looked}
        />
        <Shares
          title="Expected values"
          shares={expected.map(({ value, rows }) => ({ name: value, rows }))}
          of={report.looked}
        />
      </div>
    </>
  );
}

/** What is wrong with the rows of the draft or of a version, and what they are about. */
export function HealthTab({ detail: { dataset } }: { detail: ResponseBody<'getDataset'> }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { version } = route.useSearch();
  const { name } = dataset;
  const jobs = useQuery(datasetJobsQuery(client, name));
  const ofThis = jobs.data?.filter(({ kind, params }) => kind === 'health' && params.version === (version ?? null));
  const [newest] = ofThis ?? [];
  const done = ofThis?.find(({ status }) => status === 'completed');
  const health = useQuery({
    ...datasetHealthQuery(client, name, { version, job: done?.id }),
    enabled: done !== undefined,
  });
  const check = useMutation({
    mutationFn: () => client.call('checkDataset', { params: { name }, body: version === undefined ? {} : { version } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', name, 'jobs'] }),
  });
  const what = version === undefined ? 'the draft' : `v${version}`;
  if (jobs.isPending) return <Loading what="the report" />;
  if (!jobs.data) return <RequestError error={jobs.error} onRetry={() => void jobs.refetch()} />;
  const isRunning = newest !== undefined && isUnderWay(newest);
  return (
    <>
      <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
        {health.data ? (
          <span className="text-text-2">
            {what}, {count(health.data.rows)} rows, checked {dateTime(health.data.checkedAt)}
            {health.data.looked < health.data.rows && `; a sample of ${count(health.data.looked)} was looked at`}
          </span>
        ) : (
          <span className="text-text-2">{done ? 'Reading the report …' : `Nobody looked through ${what} yet.`}</span>
        )}
        <May call="checkDataset">
          <button
            type="button"
            className={`btn ml-auto ${done ? '' : 'btn-primary'}`}
            disabled={check.isPending || isRunning}
            onClick={() => check.mutate()}
          >
            <Stethoscope size={13} strokeWidth={1.75} aria-hidden="true" />
            {done ? 'Check again' : `Check ${what}`}
          </button>
        </May>
      </div>
      {newest && newest.status !== 'completed' && (
        <div className="border-b border-line px-4 py-3">
          <JobLine job={newest} />
        </div>
      )}
      {check.error && <ErrorText error={check.error} />}
      {health.error && <RequestError error={health.error} onRetry={() => void health.refetch()} />}
      {health.data && <Report name={name} report={health.data} />}
      {!done && !isRunning && (
        <p className="p-6 text-text-2">
          A check finds equal and nearly equal rows, rows that are in two splits or in a prompt, inputs with two
          expected values, rows unlike the others, personal data, and what comes from production and is not covered.
        </p>
      )}
    </>
  );
}
