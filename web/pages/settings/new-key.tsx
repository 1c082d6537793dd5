import { useMutation, useQueryClient } from '@tanstack/react-query';
import { atLeast, type Role, roles } from '@wheelhouse/core/records';
import type { MeBody, TeamBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Snippet } from '../../parts/copy-button.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

/** Besides that, each may what its role may. */
const callsOnly = 'calls';

const scopes: { value: Role | typeof callsOnly; text: string; hint: string }[] = [
  { value: callsOnly, text: 'call models and send traces', hint: 'And nothing else: what a running program needs.' },
  { value: 'viewer', text: 'read', hint: 'The role viewer: traces, models, datasets, prices, audit. No calls.' },
  { value: 'editor', text: 'read, write and call', hint: 'The role editor: for CI, and for the command line.' },
  { value: 'admin', text: 'administer', hint: 'The role admin: also keys, people, prices, providers and budgets.' },
  { value: 'owner', text: 'everything', hint: 'The role owner: also opens and renames projects.' },
];

const lifetimes = [
  { value: '', text: 'until it is revoked' },
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
  { value: '90', text: '90 days' },
  { value: '365', text: 'a year' },
];

function Made({ secret, name, onClose }: { secret: string; name: string; onClose: () => void }) {
  return (
    <Dialog title={`${name} is made`} onClose={onClose} width={600}>
      <div className="flex flex-col gap-3">
        <p>
          <strong className="font-semibold">Copy it now.</strong> It is shown this once; the server keeps a hash of it
          alone.
        </p>
        <Snippet code={secret} label="The key" />
        <p className="text-text-2">Any OpenAI client works with it as it is:</p>
        <Snippet
          code={`export OPENAI_BASE_URL=${location.origin}/v1\nexport OPENAI_API_KEY=${secret}`}
          label="Two variables for a shell"
        />
      </div>
      <DialogActions>
        <button type="button" className="btn btn-primary" onClick={onClose}>
          I have it
        </button>
      </DialogActions>
    </Dialog>
  );
}

/** A key with what it may, whose it is and how long it counts; then its secret, once. */
export function NewKey({ me, teams, onClose }: { me: MeBody; teams: TeamBody[]; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const isAdmin = atLeast(me.role, 'admin');
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Role | typeof callsOnly>(callsOnly);
  const [team, setTeam] = useState('');
  const [days, setDays] = useState('');
  const [mine, setMine] = useState(!isAdmin);
  const make = useMutation({
    mutationFn: () =>
      client.call('createKey', {
        body: {
          name,
          mine,
          role: scope === callsOnly ? null : scope,
          team: team === '' ? null : team,
          days: days === '' ? null : Number(days),
        },
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['keys'] }),
  });
  if (make.data) return <Made secret={make.data.secret} name={make.data.name} onClose={onClose} />;
  const allowed = scopes.filter(
    ({ value }) => value === callsOnly || (roles.includes(value) && atLeast(me.role, value)),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog title="Make a key" onClose={onClose} width={520}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Name" hint="Of the program that will have it: it stands in traces, budgets and the audit.">
          {(id) => (
            <input
              id={id}
              className="field"
              placeholder="support-bot"
              required
              maxLength={80}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="It may" hint={scopes.find(({ value }) => value === scope)?.hint}>
          {(id) => (
            <select
              id={id}
              className="field"
              value={scope}
              onChange={(event) => setScope(event.target.value as typeof scope)}
            >
              {allowed.map(({ value, text }) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="It counts">
            {(id) => (
              <select id={id} className="field" value={days} onChange={(event) => setDays(event.target.value)}>
                {lifetimes.map(({ value, text }) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {teams.length > 0 && (
            <Field label="Team">
              {(id) => (
                <select id={id} className="field" value={team} onChange={(event) => setTeam(event.target.value)}>
                  <option value="">none</option>
                  {teams.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </div>
        {me.person !== null && (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={mine}
              disabled={!isAdmin}
              onChange={(event) => setMine(event.target.checked)}
            />
            It acts for me, and ends when I leave the project
          </label>
        )}
        {make.error && <ErrorText error={make.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={make.isPending}>
            Make the key
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
