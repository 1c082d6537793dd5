import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReleaseBody } from '@wheelhouse/sdk';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { useBreaking } from '../../parts/callers-warning.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { WhyField } from '../../parts/why-field.tsx';
import { CanaryFields, canaryBody, newCanaryDraft } from './canary-fields.tsx';

export type Ending = 'promote' | 'canary' | 'rollback' | 'undo';

export const callOf = (ending: Ending) =>
  ({ promote: 'promoteRelease', canary: 'startCanary', rollback: 'rollBackRelease', undo: 'rollBackRelease' })[
    ending
  ] as 'promoteRelease' | 'startCanary' | 'rollBackRelease';

/** What it says where nobody looked, or the verdict does not agree. */
function NotSaid({ verdict }: Pick<ReleaseBody, 'verdict'>) {
  if (verdict?.verdict === 'promote') return null;
  return (
    <span className="mt-2 block rounded-2 bg-warn-bg px-3 py-2 text-warn">
      ▲ The verdict does not say so yet: {verdict?.sentence ?? 'nothing was looked at.'}
    </span>
  );
}

type Words = { title: string; action: string; done: string; text: ReactNode };

function wordsOf(ending: Ending, { model, alias, incumbent, candidate, share, verdict, shadow }: ReleaseBody): Words {
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
            <NotSaid verdict={verdict} />
          </>
        ),
      };
    case 'canary':
      return {
        title: `Start the canary of v${candidate}`,
        action: 'Start the canary',
        done: `v${candidate} answers a share of @${alias}`,
        text: (
          <>
            v{candidate} answers this share of the calls of <span className="mono">{name}</span>, watched by the same
            rails, and is taken out again by itself when it is worse.
            <NotSaid verdict={verdict} />
          </>
        ),
      };
    case 'rollback':
      if (shadow !== null)
        return {
          title: `End the listening of v${candidate}`,
          action: 'End it',
          done: `v${candidate} is asked no more`,
          text: (
            <>
              v{candidate} is asked nothing of <span className="mono">{name}</span> any more. No caller got an answer of
              it, so nothing changes for anybody.
            </>
          ),
        };
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
  const [draft, setDraft] = useState(newCanaryDraft);
  const breaking = useBreaking(
    release.model,
    release.incumbent,
    ending === 'canary' ? release.candidate : release.incumbent,
  );
  const canary = canaryBody(draft, breaking);
  const { title, action, done, text } = wordsOf(ending, release);
  const navigate = useNavigate();
  const end = useMutation({
    mutationFn: () => {
      const params = { releaseId: release.id };
      if (ending === 'canary')
        return client.call('startCanary', { params, body: { ...canary, message: reason.trim() } });
      const call = ending === 'promote' ? 'promoteRelease' : 'rollBackRelease';
      return client.call(call, { params, body: { reason: reason.trim() } });
    },
    onSuccess: async ({ id }) => {
      toast(`✓ ${done}`);
      onClose();
      if (id !== release.id) void navigate({ to: '/releases/$releaseId', params: { releaseId: id } });
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
        {ending === 'canary' && (
          <CanaryFields
            release={release}
            draft={draft}
            set={(change) => setDraft((before) => ({ ...before, ...change }))}
            breaking={breaking}
          />
        )}
        <WhyField hint="Kept in its history and in the audit log." value={reason} onChange={setReason} />
        {end.error && <ErrorText error={end.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={`btn ${ending === 'promote' || ending === 'canary' ? 'btn-primary' : 'btn-danger'}`}
            disabled={end.isPending || (ending === 'canary' && canary === null)}
          >
            {action}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
