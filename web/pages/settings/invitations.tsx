import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { atLeast, type Role, roles } from '@wheelhouse/core/records';
import type { InvitationBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { invitationsQuery, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Snippet } from '../../parts/copy-button.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section, TableCard } from './section.tsx';

const duties: Record<Role, string> = {
  viewer: 'reads',
  editor: 'reads, writes and calls models',
  admin: 'also decides about keys, people, prices, providers and budgets',
  owner: 'also opens and renames projects',
};

/** A link for one person; it is shown once. */
export function InviteForm({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const me = useMe();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const [days, setDays] = useState('7');
  const invite = useMutation({
    mutationFn: () => client.call('invitePerson', { body: { email, role, days: Number(days) } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.data)
    return (
      <Dialog title="Send this link" onClose={onClose} width={560}>
        <div className="flex flex-col gap-3">
          <p className="break-words">
            It lets <span className="font-medium">{invite.data.email}</span> in as {invite.data.role}, once, until{' '}
            {dateTime(invite.data.expiresAt)}. It is shown this once.
          </p>
          <Snippet code={`${location.origin}${invite.data.path}`} label="The link of the invitation" />
        </div>
        <DialogActions>
          <button type="button" className="btn btn-primary" onClick={onClose}>
            Done
          </button>
        </DialogActions>
      </Dialog>
    );
  return (
    <Dialog title="Invite a person" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Address">
          {(id) => (
            <input
              id={id}
              type="email"
              className="field"
              placeholder="ada@example.com"
              required
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Role" hint={duties[role]}>
            {(id) => (
              <select id={id} className="field" value={role} onChange={(event) => setRole(event.target.value as Role)}>
                {roles
                  .filter((one) => atLeast(me?.role ?? null, one))
                  .map((one) => (
                    <option key={one}>{one}</option>
                  ))}
              </select>
            )}
          </Field>
          <Field label="Good for, in days">
            {(id) => (
              <input
                id={id}
                type="number"
                className="field"
                min={1}
                max={30}
                required
                value={days}
                onChange={(event) => setDays(event.target.value)}
              />
            )}
          </Field>
        </div>
        {invite.error && <ErrorText error={invite.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={invite.isPending}>
            Make the link
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Who was invited and has not come yet. */
export function Invitations() {
  const { client } = useData();
  const [leaving, setLeaving] = useState<InvitationBody | null>(null);
  const invitations = useQuery(invitationsQuery(client)).data ?? [];
  if (invitations.length === 0) return null;
  return (
    <Section title="Invitations" text={`${plural(invitations.length, 'link')} that nobody has opened to the end yet.`}>
      <TableCard
        label="Open invitations"
        heads={['Address', 'Role', 'By', 'Until', 'Change']}
        rows={invitations.map((one) => ({
          key: one.id,
          cells: [
            <span key="email" className="break-all">
              {one.email}
            </span>,
            one.role,
            <span key="by" className="break-all text-text-2">
              {one.createdBy}
            </span>,
            <span key="until" className="whitespace-nowrap text-text-2">
              {dateTime(one.expiresAt)}
            </span>,
            <button
              key="remove"
              type="button"
              className="btn !min-h-6"
              aria-label={`Take back the invitation of ${one.email}`}
              onClick={() => setLeaving(one)}
            >
              Take back
            </button>,
          ],
        }))}
      />
      {leaving && (
        <Confirm
          title="Take this invitation back?"
          action="Take it back"
          run={() => client.call('removeInvitation', { params: { invitationId: leaving.id } })}
          done="The link works no more"
          changes={['invitations']}
          onClose={() => setLeaving(null)}
        >
          The link that {leaving.email} has works no more. You can invite them again.
        </Confirm>
      )}
    </Section>
  );
}
