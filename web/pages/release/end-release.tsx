import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReleaseBody } from '@wheelhouse/sdk';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

export type Ending = 'promote' | 'rollback' | 'undo';

type Words = { title: string; action: string; done: string; text: ReactNode };

function wordsOf(ending: Ending, { model, alias, incumbent, candidate, share, verdict }: ReleaseBody): Words {
  const name = `${model}@${alias}`;
  switch (ending) {
    case 'promote':
      return {
        title: `Promote v${candidate}`,
        action: `Promote v${candidate}`,
        done: `@${alias} is at v${candidate}`,
        text: (
          <>
            Every call to <span className="mono">{name}</span> is answered by v{candidate} from now on. It can be undone
            for as long as nobody moves the alias.
            {verdict?.verdict !== 'promote' && (
              <span className="mt-2 block rounded-2 bg-warn-bg px-3 py-2 text-warn">
                ▲ The verdict does not say so yet: {verdict?.sentence ?? 'nothing was looked at.'}
              </span>
            )}
          </>
        ),
      };
    case 'rollback':
      return {
        title: `Roll v${candidate} back`,
        action: 'Roll back',
        done: `v${candidate} is out of @${alias}`,
        text: (
          <>
            v{candidate} gets no more calls of <span className="mono">{name}</span>; whoever had it is answered by v
            {incumbent}. It had {Math.round(share * 1000) / 10} % of the calls.
          </>
        ),
      };
    case 'undo':
      return {
        title: 'Undo the promotion',
        action: `Move back to v${incumbent}`,
        done: `@${alias} is at v${incumbent} again`,
        text: (
          <>
            The next call to <span className="mono">{name}</span> is answered by v{incumbent} instead of v{candidate}.
          </>
        ),
      };
  }
}

type EndReleaseProps = { release: ReleaseBody; ending: Ending; onClose: () => void };

/** Says what will happen, asks why, and does it. */
export function EndRelease({ release, ending, onClose }: EndReleaseProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [reason, setReason] = useState('');
  const { title, action, done, text } = wordsOf(ending, release);
  const end = useMutation({
    mutationFn: () =>
      client.call(ending === 'promote' ? 'promoteRelease' : 'rollBackRelease', {
        params: { releaseId: release.id },
        body: { reason: reason.trim() },
      }),
    onSuccess: async () => {
      toast(`✓ ${done}`);
      onClose();
      const changed = [['release', release.id], ['releases'], ['models'], ['model-pages'], ['model', release.model]];
      await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          end.mutate();
        }}
      >
        <div className="break-words">{text}</div>
        <Field label="Why" hint="Kept in its history and in the audit log.">
          {(id) => (
            <input
              id={id}
              className="field"
              maxLength={1_000}
              autoComplete="off"
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {end.error && <ErrorText error={end.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={`btn ${ending === 'promote' ? 'btn-primary' : 'btn-danger'}`}
            disabled={end.isPending}
          >
            {action}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
