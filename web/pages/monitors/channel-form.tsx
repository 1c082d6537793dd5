import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ChannelBody, RequestBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { namePattern } from '../../data/monitor-draft.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

type Kind = ChannelBody['kind'];
type Body = RequestBody<'setChannel'>;

/** What each kind asks for. */
const kinds: { kind: Kind; label: string; url?: string; secret?: string; to?: string }[] = [
  { kind: 'slack', label: 'Slack', url: 'Address of an incoming webhook' },
  { kind: 'teams', label: 'Teams', url: 'Address of a workflow that begins with a request' },
  { kind: 'pagerduty', label: 'PagerDuty', secret: 'Routing key of an integration' },
  { kind: 'webhook', label: 'webhook', url: 'Address', secret: 'Secret that signs messages' },
  { kind: 'email', label: 'e-mail', to: 'Addresses, one in a line' },
];

/** Sets up where messages go; what is secret of it is sealed and never shown. */
export function ChannelForm({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('slack');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const [to, setTo] = useState('');
  const asks = kinds.find((one) => one.kind === kind);
  const addresses = to.split(/[\s,;]+/).filter((one) => one !== '');
  const body: Body = {
    kind,
    ...(asks?.url !== undefined && url !== '' ? { url } : {}),
    ...(asks?.secret !== undefined && secret !== '' ? { secret } : {}),
    ...(asks?.to !== undefined ? { to: addresses } : {}),
  };
  const save = useMutation({
    mutationFn: () => client.call('setChannel', { params: { channel: name }, body }),
    onSuccess: async () => {
      toast(`✓ ${name} is set up; try it`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['channels'] });
    },
  });
  return (
    <Dialog title="New channel" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Name" hint="A channel of that name is replaced.">
          {(id) => (
            <input
              id={id}
              className="field"
              required
              pattern={namePattern}
              title="a-z 0-9 . _ -, beginning and ending with a letter or digit"
              maxLength={100}
              autoComplete="off"
              placeholder="ops"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Kind">
          {(id) => (
            <select id={id} className="field" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
              {kinds.map((one) => (
                <option key={one.kind} value={one.kind}>
                  {one.label}
                </option>
              ))}
            </select>
          )}
        </Field>
        {asks?.url !== undefined && (
          <Field label={asks.url}>
            {(id) => (
              <input
                id={id}
                type="url"
                className="field mono"
                required
                autoComplete="off"
                placeholder="https://"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
              />
            )}
          </Field>
        )}
        {asks?.secret !== undefined && (
          <Field label={asks.secret} hint="Sealed, and never shown again.">
            {(id) => (
              <input
                id={id}
                type="password"
                className="field mono"
                required={kind === 'pagerduty'}
                autoComplete="off"
                value={secret}
                onChange={(event) => setSecret(event.target.value)}
              />
            )}
          </Field>
        )}
        {asks?.to !== undefined && (
          <Field label={asks.to} hint="They get one e-mail together.">
            {(id) => (
              <textarea
                id={id}
                className="field mono"
                rows={3}
                required
                value={to}
                onChange={(event) => setTo(event.target.value)}
              />
            )}
          </Field>
        )}
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
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
