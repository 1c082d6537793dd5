import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ShareField } from '../../parts/share-field.tsx';
import { Section } from './section.tsx';

type Rule = ReviewQueueBody['rule'];

/** What comes into the queue by itself. */
export function RuleSection({ queue: { rule }, onChange }: { queue: ReviewQueueBody; onChange: () => void }) {
  return (
    <Section
      title="Comes by itself"
      aside={
        <May call="setReviewRule">
          <button type="button" className="btn !min-h-6" onClick={onChange}>
            {rule === null ? 'Set a filter …' : 'Change …'}
          </button>
        </May>
      }
    >
      {rule === null ? (
        <p className="text-text-2">Nothing does. A filter lets traces that fit go into the queue as they come.</p>
      ) : (
        <p className="text-text-2">
          {rule.sample < 1 && `${Math.round(rule.sample * 1000) / 10} % of `}
          {rule.q === '' ? 'all new traces' : 'new traces that fit '}
          {rule.q !== '' && <span className="mono said text-text">{rule.q}</span>}
        </p>
      )}
    </Section>
  );
}

/** Which new traces go into the queue. */
export function RuleForm({ queue, onClose }: { queue: ReviewQueueBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [q, setQ] = useState(queue.rule?.q ?? '');
  const [share, setShare] = useState(String((queue.rule?.sample ?? 1) * 100));
  const save = useMutation({
    mutationFn: (rule: Rule) => client.call('setReviewRule', { params: { queue: queue.name }, body: { rule } }),
    onSuccess: async (made) => {
      queryClient.setQueryData(['review-queue', queue.name], made);
      await queryClient.invalidateQueries({ queryKey: ['review-queues'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ q: q.trim(), sample: Number(share) / 100 });
  };
  return (
    <Dialog title="What comes by itself" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field
          label="Filter"
          hint="As in Traces; empty takes all. It is looked at when a trace has been quiet for a while."
        >
          {(id) => (
            <input
              id={id}
              className="field mono"
              spellCheck={false}
              placeholder="score.grounded:<0.5 model:gpt*"
              value={q}
              onChange={(event) => setQ(event.target.value)}
            />
          )}
        </Field>
        <ShareField hint="Chosen by the trace’s id." value={share} onChange={setShare} />
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          {queue.rule !== null && (
            <button type="button" className="btn mr-auto" disabled={save.isPending} onClick={() => save.mutate(null)}>
              Let nothing come
            </button>
          )}
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
