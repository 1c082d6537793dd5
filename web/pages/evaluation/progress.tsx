import type { EvaluationBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { RunProgress } from '../../parts/run-progress.tsx';

export function Progress({ evaluation }: { evaluation: EvaluationBody }) {
  const { client } = useData();
  const { id, cached, place } = evaluation;
  const stop = () => client.call('stopEvaluation', { params: { evaluationId: id } });
  return (
    <RunProgress run={evaluation} stop={{ call: 'stopEvaluation', run: stop }}>
      {cached > 0 && <span className="text-text-2">{count(cached)} taken from before</span>}
      {place === 'client' && <span className="text-text-3">The calls are made where it was started.</span>}
    </RunProgress>
  );
}
