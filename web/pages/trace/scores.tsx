import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ScoreBody } from '@wheelhouse/sdk';
import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { ScoreMark } from '../../parts/score-mark.tsx';
import { useToast } from '../../parts/toast.tsx';

export function ScoreList({ scores }: { scores: ScoreBody[] }) {
  if (scores.length === 0) return null;
  return (
    <section aria-label="Scores" className="border-b border-line px-3 py-2">
      <h3 className="mb-1 text-xs font-medium text-text-3">Scores</h3>
      <ul className="flex flex-col gap-1">
        {scores.map((score) => (
          <li key={score.id} className="flex flex-wrap items-baseline gap-x-2">
            <span className="flex min-w-10">
              <ScoreMark name={score.name} value={score.value} />
            </span>
            <span>{score.name}</span>
            <span className="text-xs text-text-3">
              {score.source}, {score.spanId === null ? 'whole trace' : 'this span'}
            </span>
            {score.comment && <span className="said w-full text-text-2">{score.comment}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A person's judgement of the whole trace, in one press. */
export function Thumbs({ traceId }: { traceId: string }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const score = useMutation({
    mutationFn: (value: boolean) =>
      client.call('createScore', { body: { traceId, name: 'thumbs', value, source: 'human' } }),
    onSuccess: async (_, value) => {
      toast(value ? 'Scored: thumbs ✓' : 'Scored: thumbs ✕');
      await queryClient.invalidateQueries({ queryKey: ['trace', traceId], exact: true });
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Score this trace</legend>
      <button
        type="button"
        className="btn btn-icon"
        aria-label="Thumbs up"
        title="Good answer"
        disabled={score.isPending}
        onClick={() => score.mutate(true)}
      >
        <ThumbsUp size={13} strokeWidth={1.75} />
      </button>
      <button
        type="button"
        className="btn btn-icon"
        aria-label="Thumbs down"
        title="Bad answer"
        disabled={score.isPending}
        onClick={() => score.mutate(false)}
      >
        <ThumbsDown size={13} strokeWidth={1.75} />
      </button>
    </fieldset>
  );
}
