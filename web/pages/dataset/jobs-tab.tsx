import { useQuery } from '@tanstack/react-query';
import { useData } from '../../data/data-context.tsx';
import { datasetJobsQuery } from '../../data/dataset-queries.ts';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { JobLine } from './job-line.tsx';

/** Long work on the dataset: imports, checks and the like. */
export function JobsTab({ name }: { name: string }) {
  const { client } = useData();
  const query = useQuery(datasetJobsQuery(client, name));
  if (query.isPending) return <Loading what="jobs" />;
  if (!query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0)
    return (
      <p className="p-6 text-text-2">No jobs yet. Imports, checks, splits and recipes show here how far they are.</p>
    );
  return (
    <ul aria-label="Jobs">
      {query.data.map((job) => (
        <li key={job.id} className="border-b border-line px-4 py-3">
          <JobLine job={job} />
        </li>
      ))}
    </ul>
  );
}
