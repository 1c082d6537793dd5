import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { MeBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { mySessionsQuery, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { Section, TableCard } from './section.tsx';

const shortestPassword = 12;

function PasswordForm({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const save = useMutation({
    mutationFn: () => client.call('changePassword', { body: { current, next } }),
    onSuccess: async () => {
      toast('✓ Password changed; your other browsers are signed out');
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['my-sessions'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title="Change password" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Current password">
          {(id) => (
            <input
              id={id}
              type="password"
              className="field"
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="New password"
          hint={`${shortestPassword} characters or more. Your other browsers are signed out.`}
        >
          {(id) => (
            <input
              id={id}
              type="password"
              className="field"
              autoComplete="new-password"
              required
              minLength={shortestPassword}
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            Change
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What a browser says that it is, in few words. */
function browserName(agent: string): string {
  const name = /(Edg|OPR|Firefox|Chrome|Safari)\/(\d+)/.exec(agent);
  const system = /Windows|Mac OS X|Android|iPhone|iPad|Linux/.exec(agent)?.[0];
  if (!name) return agent.slice(0, 60) || 'unknown';
  const title = name[1] === 'Edg' ? 'Edge' : name[1] === 'OPR' ? 'Opera' : name[1];
  return `${title} ${name[2]}${system ? ` on ${system.replace(' X', '')}` : ''}`;
}

function Browsers() {
  const { client } = useData();
  const queryClient = useQueryClient();
  const sessions = useQuery(mySessionsQuery(client)).data ?? [];
  const end = useMutation({
    mutationFn: (sessionId: string) => client.call('endSession', { params: { sessionId } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['my-sessions'] }),
  });
  if (sessions.length === 0) return null;
  return (
    <>
      <TableCard
        label="Browsers that are signed in"
        heads={['Browser', 'Since', 'Until', 'Sign out']}
        rows={sessions.map((one) => ({
          key: one.id,
          cells: [
            <span key="agent" title={one.agent}>
              {browserName(one.agent)}
            </span>,
            <span key="since" className="whitespace-nowrap text-text-2">
              {dateTime(one.createdAt)}
            </span>,
            <span key="until" className="whitespace-nowrap text-text-2">
              {dateTime(one.expiresAt)}
            </span>,
            one.current ? (
              <Pill key="end" tone="accent">
                this one
              </Pill>
            ) : (
              <button key="end" type="button" className="btn !min-h-6" onClick={() => end.mutate(one.id)}>
                Sign out
              </button>
            ),
          ],
        }))}
      />
      {end.error && <ErrorText error={end.error} />}
    </>
  );
}

function Person({ me }: { me: MeBody }) {
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title="You"
      text={
        <>
          Signed in as <span className="font-medium text-text">{me.person?.email ?? 'the admin key'}</span>, {me.role}{' '}
          of {me.project.name}.
        </>
      }
      actions={
        <>
          {me.person?.password && (
            <button type="button" className="btn" onClick={() => setChanging(true)}>
              Change password
            </button>
          )}
          <form method="post" action="/sign-out">
            <button type="submit" className="btn">
              Sign out
            </button>
          </form>
        </>
      }
    >
      {me.person && <Browsers />}
      {changing && <PasswordForm onClose={() => setChanging(false)} />}
    </Section>
  );
}

/** Who is signed in; nothing where nobody needs to be. */
export function Account() {
  const me = useMe();
  return me === undefined || me.session === null ? null : <Person me={me} />;
}
