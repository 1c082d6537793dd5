import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ScoreBody } from '@wheelhouse/sdk';
import { Plus, ThumbsDown, ThumbsUp, X } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';
import { ScoreMark } from '../../parts/score-mark.tsx';
import { useToast } from '../../parts/toast.tsx';

/** Takes back what a person said. */
function RemoveScore({ score }: { score: ScoreBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => client.call('deleteScore', { params: { scoreId: score.id } }),
    onSuccess: async () => {
      toast(`Score ${score.name} taken back.`);
      await queryClient.invalidateQueries({ queryKey: ['trace', score.traceId], exact: true });
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <button
      type="button"
      className="btn btn-quiet ml-auto !min-h-6 !px-1.5"
      aria-label={`Take back ${score.name}`}
      title="Take back"
      disabled={remove.isPending}
      onClick={() => remove.mutate()}
    >
      <X size={12} strokeWidth={1.75} />
    </button>
  );
}

/** What was judged of the span and of the whole trace, and the way to judge it oneself. */
export function ScoreList({ scores, onAdd }: { scores: ScoreBody[]; onAdd?: (() => void) | undefined }) {
  if (scores.length === 0 && !onAdd) return null;
  return (
    <section aria-label="Scores" className="border-b border-line px-3 py-2">
      <div className="flex items-center">
        <h3 className="text-xs font-medium text-text-3">{scores.length === 0 ? 'No scores' : 'Scores'}</h3>
        {onAdd && (
          <May call="createScore">
            <button type="button" className="btn btn-quiet ml-auto !min-h-6" onClick={onAdd}>
              <Plus size={12} strokeWidth={1.75} aria-hidden="true" />
              Add score
            </button>
          </May>
        )}
      </div>
      {scores.length > 0 && (
        <ul className="flex flex-col gap-1">
          {scores.map((score) => (
            <li key={score.id} className="flex flex-wrap items-baseline gap-x-2">
              <span className="flex max-w-full min-w-10">
                <ScoreMark name={score.name} value={score.value} />
              </span>
              <span>{score.name}</span>
              <span className="text-xs text-text-3" title={dateTime(score.createdAt)}>
                {score.source}, {score.spanId === null ? 'whole trace' : 'this span'}
              </span>
              {score.source === 'human' && (
                <May call="deleteScore">
                  <RemoveScore score={score} />
                </May>
              )}
              {score.comment && <span className="said w-full text-text-2">{score.comment}</span>}
            </li>
          ))}
        </ul>
      )}
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
