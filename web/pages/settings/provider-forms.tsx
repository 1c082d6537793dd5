import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ProviderBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { vendorsQuery } from '../../data/gateway-queries.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

const compatible = 'openai-compatible';

/** Stores a vendor's key; nobody is shown it again. */
export function AddKey({
  providers,
  provider,
  onClose,
}: {
  providers: ProviderBody[];
  /** Chosen already. */
  provider: string | undefined;
  onClose: () => void;
}) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const able = providers.filter(({ name }) => name !== 'sim');
  const [name, setName] = useState(provider ?? able[0]?.name ?? '');
  const [secret, setSecret] = useState('');
  const [label, setLabel] = useState('');
  const vendors = useQuery(vendorsQuery(client)).data ?? [];
  const chosen = able.find((one) => one.name === name);
  const form = vendors.find((vendor) => vendor.name === chosen?.vendor)?.keyForm;
  const add = useMutation({
    mutationFn: () => client.call('addProviderKey', { params: { provider: name }, body: { secret, label } }),
    onSuccess: async () => {
      toast(`✓ …${secret.slice(-4)} is stored, encrypted`);
      onClose();
      await Promise.all(
        ['providers', 'callable-models'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title="Add a key" onClose={onClose} width={520}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Provider">
          {(id) => (
            <select id={id} className="field" value={name} onChange={(event) => setName(event.target.value)}>
              {able.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.title === one.name ? one.name : `${one.title} (${one.name})`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Key"
          hint={form ?? 'As the vendor gave it. It is stored encrypted; its last four characters are shown.'}
        >
          {(id) => (
            <input
              id={id}
              type="password"
              className="field mono"
              required
              autoComplete="off"
              spellCheck={false}
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          )}
        </Field>
        <Field label="Label" hint="Which one it is, for people.">
          {(id) => (
            <input
              id={id}
              className="field"
              placeholder="team-a"
              maxLength={100}
              autoComplete="off"
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          )}
        </Field>
        {add.error && <ErrorText error={add.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending || name === ''}>
            Store it
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A provider of this project: another address, or another account with a vendor. */
export function AddProvider({ onClose, onAdded }: { onClose: () => void; onAdded: (provider: string) => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [vendorName, setVendorName] = useState(compatible);
  const [baseUrl, setBaseUrl] = useState('');
  const [settings, setSettings] = useState<Record<string, string>>({});
  const vendors = (useQuery(vendorsQuery(client)).data ?? []).filter((one) => one.name !== 'sim');
  const vendor = vendors.find((one) => one.name === vendorName);
  const add = useMutation({
    mutationFn: () => {
      const known = new Set(vendor?.settings.map((setting) => setting.name));
      const given = Object.entries(settings).filter(([key, value]) => known.has(key) && value.trim() !== '');
      return client.call('createProvider', {
        body: {
          name,
          vendor: vendorName,
          baseUrl: baseUrl.trim() === '' ? null : baseUrl.trim(),
          settings: Object.fromEntries(given),
        },
      });
    },
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ['providers'] });
      if (made.keyNeeded) onAdded(made.name);
      else onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title="Add a provider" onClose={onClose} width={520}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" hint="What its models begin with.">
            {(id) => (
              <input
                id={id}
                className="field mono"
                placeholder="my-host"
                required
                pattern="[a-z0-9][a-z0-9_\-]{0,62}"
                autoComplete="off"
                spellCheck={false}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Speaks as">
            {(id) => (
              <select
                id={id}
                className="field"
                value={vendorName}
                onChange={(event) => setVendorName(event.target.value)}
              >
                {vendors.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.title}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <Field
          label="Base URL"
          hint={
            vendor?.baseUrl
              ? `Left out: ${vendor.baseUrl}`
              : 'https, on the public internet; servers in your own network stand in the configuration.'
          }
        >
          {(id) => (
            <input
              id={id}
              type="url"
              className="field mono"
              placeholder="https://llm.example.com/v1"
              required={vendorName === compatible}
              value={baseUrl}
              onChange={(event) => setBaseUrl(event.target.value)}
            />
          )}
        </Field>
        {vendor?.settings.map((setting) => (
          <Field key={setting.name} label={setting.name} hint={setting.description}>
            {(id) => (
              <input
                id={id}
                className="field mono"
                placeholder={setting.fallback ?? ''}
                maxLength={200}
                autoComplete="off"
                value={settings[setting.name] ?? ''}
                onChange={(event) => setSettings({ ...settings, [setting.name]: event.target.value })}
              />
            )}
          </Field>
        ))}
        {add.error && <ErrorText error={add.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending}>
            Add it
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
