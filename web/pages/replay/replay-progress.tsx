import type { ReplayBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';

/** How far it is; of one that failed, why. */
export function ReplayProgress({ replay }: { replay: ReplayBody }) {
  const { client } = useData();
  const { id, status, error } = replay;
  const stop = () => client.call('stopReplay', { params: { replayId: id } });
  if (status === 'queued' || status === 'running')
    return <RunProgress run={replay} stop={{ call: 'stopReplay', run: stop }} />;
  return (
    error !== null && (
      <p role="alert" className="border-b border-line px-4 py-2 text-bad">
        ✕ {error}
      </p>
    )
  );
}
