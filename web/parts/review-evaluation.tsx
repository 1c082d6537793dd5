import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useData } from '../data/data-context.tsx';
import { isOfPairs, reviewQueuesQuery } from '../data/review-queries.ts';
import { Dialog } from './dialog.tsx';

/** Which queue answers of an evaluation go into; the queue's page asks which of them. */
export function ReviewEvaluation({ evaluationId, onClose }: { evaluationId: string; onClose: () => void }) {
  const { client } = useData();
  const queues = useQuery(reviewQueuesQuery(client)).data ?? [];
  return (
    <Dialog title="Let people look at the answers" onClose={onClose}>
      <ul className="flex flex-col gap-1">
        {queues.map((queue) => (
          <li key={queue.id} className="flex items-baseline gap-2">
            <Link
              to="/review/$queue"
              params={{ queue: queue.name }}
              search={{ open: 'add', evaluation: evaluationId }}
              className="link min-h-6 underline"
            >
              {queue.name}
            </Link>
            <span className="text-text-2">
              {isOfPairs(queue) ? 'two answers beside each other' : queue.form.map(({ name }) => name).join(', ')}
            </span>
          </li>
        ))}
        <li>
          <Link to="/review" search={{ open: 'new' }} className="link min-h-6 underline">
            A new queue …
          </Link>
        </li>
      </ul>
    </Dialog>
  );
}
