import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DatasetJobBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { datasetJobsQuery } from '../../data/dataset-queries.ts';
import { count, dateTime, plural, usd } from '../../data/format.ts';
import { DialogActions } from '../../parts/dialog.tsx';
import { DoneBar } from '../../parts/done-bar.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';

export const isUnderWay = ({ status }: DatasetJobBody): boolean => status === 'queued' || status === 'running';

const kinds: Record<DatasetJobBody['kind'], string> = {
  import: 'Import of a file',
  traces: 'Rows from traces',
  synthesis: 'Variants by a model',
  split: 'Splits',
  health: 'Check of its health',
  recipe: 'Recipe',
};

const tones = { queued: 'accent', running: 'accent', completed: 'good', failed: 'bad', cancelled: 'mute' } as const;
const glyphs = { queued: '…', running: '…', completed: '✓', failed: '✕', cancelled: '■' } as const;

function Counts({ job }: { job: DatasetJobBody }) {
  const { kind, read, total, added, skipped, refused } = job;
  const far = total === null ? count(read) : `${count(read)} of ${count(total)}`;
  return (
    <span className="text-text-2">
      {kind === 'synthesis' ? `${count(added)} of ${count(total ?? 0)} written` : `${far} read`}
      {kind !== 'health' && kind !== 'split' && kind !== 'synthesis' && `, ${count(added)} added`}
      {skipped > 0 && `, ${count(skipped)} were there already`}
      {refused > 0 && <span className="text-bad">, ✕ {plural(refused, 'row')} refused</span>}
    </span>
  );
}

const endings: Record<string, string> = {
  capped: 'the money was spent',
  'nothing new came': 'nothing new came any more',
};

/** What came of it beside rows. */
function Outcome({ job: { kind, result } }: { job: DatasetJobBody }) {
  if (result === null) return null;
  if (kind === 'recipe' && typeof result.version === 'number')
    return (
      <span className="text-text-2">
        made v{result.version}
        {typeof result.removed === 'number' && result.removed > 0 && `, ${plural(result.removed, 'row')} taken out`}
      </span>
    );
  if (kind === 'synthesis' && typeof result.generator === 'string' && typeof result.costNanoUsd === 'string')
    return (
      <span className="text-text-2">
        by {result.generator} for <span className="mono">{usd(result.costNanoUsd)}</span>
        {typeof result.ended === 'string' && endings[result.ended] && (
          <span className="text-warn"> ▲ {endings[result.ended]}</span>
        )}
      </span>
    );
  return null;
}

/** Rows that were not taken or do not fit, and why. */
export function RowProblems({ problems }: { problems: DatasetJobBody['problems'] }) {
  return (
    <ul className="mono mt-1 max-h-60 overflow-auto">
      {problems.map(({ at, error }) => (
        <li key={`${at} ${error}`} className="grid grid-cols-[64px_minmax(0,1fr)] gap-x-2">
          <span className="text-right text-text-3">{count(at)}</span>
          <span className="said">{error}</span>
        </li>
      ))}
    </ul>
  );
}

/** The newest job of a kind, where there is one. */
export function LatestJob({ dataset, kind }: { dataset: string; kind: DatasetJobBody['kind'] }) {
  const { client } = useData();
  const job = useQuery(datasetJobsQuery(client, dataset)).data?.find((one) => one.kind === kind);
  if (!job) return null;
  return (
    <div className="border-b border-line px-4 py-3">
      <JobLine job={job} />
    </div>
  );
}

/** How far a job is that a dialog started; it goes on when that is closed. */
export function RunningJob({ dataset, jobId, onClose }: { dataset: string; jobId: string; onClose: () => void }) {
  const { client } = useData();
  const job = useQuery(datasetJobsQuery(client, dataset)).data?.find(({ id }) => id === jobId);
  return (
    <>
      {job ? <JobLine job={job} /> : <p className="text-text-3">Starting …</p>}
      <DialogActions>
        <button type="button" className="btn btn-primary" onClick={onClose}>
          {job === undefined || isUnderWay(job) ? 'Let it go on' : 'Done'}
        </button>
      </DialogActions>
    </>
  );
}

/** One piece of long work: how far it is, what came of it, and which rows were not taken. */
export function JobLine({ job }: { job: DatasetJobBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.call('cancelDatasetJob', { params: { name: job.dataset, jobId: job.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', job.dataset, 'jobs'] }),
  });
  const done = job.kind === 'synthesis' ? job.added : job.read;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Pill tone={tones[job.status]}>
          {glyphs[job.status]} {job.status}
        </Pill>
        <span className="font-medium">{kinds[job.kind]}</span>
        <Counts job={job} />
        <Outcome job={job} />
        <span className="text-text-3">{dateTime(job.requestedAt)}</span>
        {isUnderWay(job) && (
          <May call="cancelDatasetJob">
            <button
              type="button"
              className="btn ml-auto"
              disabled={cancel.isPending}
              title="What it added stays"
              onClick={() => cancel.mutate()}
            >
              Stop
            </button>
          </May>
        )}
      </div>
      {isUnderWay(job) && <DoneBar label={kinds[job.kind]} done={done} total={job.total || null} />}
      {job.error !== null && <p className="said text-bad">✕ {job.error}</p>}
      {job.problems.length > 0 && (
        <details>
          <summary className="min-h-6 leading-6 text-text-2">
            {job.refused > job.problems.length
              ? `The first ${count(job.problems.length)} rows that were not taken`
              : 'Rows that were not taken'}
          </summary>
          <RowProblems problems={job.problems} />
        </details>
      )}
    </div>
  );
}
