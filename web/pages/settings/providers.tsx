import type { ProviderBody } from '@wheelhouse/sdk';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Section, TableCard } from './section.tsx';

type Key = ProviderBody['keys'][number];
type Ending = { provider: ProviderBody; key: Key | null };

function Keys({ provider, onRemove }: { provider: ProviderBody; onRemove: ((key: Key) => void) | null }) {
  if (provider.keys.length === 0)
    return provider.keyNeeded ? <Pill tone="warn">▲ key missing</Pill> : <Pill tone="mute">no key needed</Pill>;
  return (
    <ul>
      {provider.keys.map((key) => (
        <li key={key.id} className="flex flex-wrap items-center gap-x-2">
          <span className="mono">…{key.last4}</span>
          <span className="text-text-2">{key.label || 'no label'}</span>
          {key.state === 'unreadable' && <Pill tone="bad">✕ sealed with another master key</Pill>}
          {key.from === 'server' ? (
            <span className="text-text-3">the server’s</span>
          ) : (
            onRemove && (
              <button
                type="button"
                className="btn btn-quiet !min-h-6"
                aria-label={`Remove the key …${key.last4} of ${provider.name}`}
                onClick={() => onRemove(key)}
              >
                Remove
              </button>
            )
          )}
        </li>
      ))}
    </ul>
  );
}

function Change({ provider, onAddKey, onRemove }: { provider: ProviderBody; onAddKey(): void; onRemove(): void }) {
  return (
    <span className="flex flex-wrap gap-2">
      {provider.name !== 'sim' && (
        <button type="button" className="btn !min-h-6" aria-label={`Add a key for ${provider.name}`} onClick={onAddKey}>
          Add a key
        </button>
      )}
      {provider.from === 'project' && (
        <button type="button" className="btn !min-h-6" aria-label={`Remove ${provider.name}`} onClick={onRemove}>
          Remove
        </button>
      )}
    </span>
  );
}

function End({ ending: { provider, key }, onClose }: { ending: Ending; onClose: () => void }) {
  const { client } = useData();
  const params = { provider: provider.name };
  if (key === null)
    return (
      <Confirm
        title={`Remove ${provider.name}?`}
        action="Remove"
        run={() => client.call('removeProvider', { params })}
        done={`${provider.name} is removed`}
        changes={['providers', 'callable-models']}
        onClose={onClose}
      >
        Its keys are forgotten, and calls to <span className="mono">{provider.name}/…</span> are refused from then on.
      </Confirm>
    );
  return (
    <Confirm
      title="Remove this key?"
      action="Remove"
      run={() => client.call('removeProviderKey', { params: { ...params, keyId: key.id } })}
      done={`The key …${key.last4} is forgotten`}
      changes={['providers', 'callable-models']}
      onClose={onClose}
    >
      The key <span className="mono">…{key.last4}</span> of {provider.title} is forgotten here for good; at the vendor
      it still counts. Without a key of its own, the project calls with the server’s.
    </Confirm>
  );
}

type ProvidersProps = {
  providers: ProviderBody[];
  onAddKey: (provider?: string) => void;
  onAddProvider: () => void;
};

/** Who can be called, and with which keys; of a key only its last characters are shown. */
export function Providers({ providers, onAddKey, onAddProvider }: ProvidersProps) {
  const may = useMay();
  const [ending, setEnding] = useState<Ending | null>(null);
  const mayChange = may('addProviderKey');
  const chosen = providers.filter((one) => one.chosen || one.keys.length > 0);
  return (
    <Section
      title="Providers"
      text={`Models are called as provider/model. ${providers.length - chosen.length} more vendors are known and wait for a key. Keys are stored encrypted and never shown again; those of the project take the place of the server’s.`}
      actions={
        mayChange && (
          <>
            <button type="button" className="btn" onClick={() => onAddProvider()}>
              <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
              Add a provider
            </button>
            <button type="button" className="btn btn-primary" onClick={() => onAddKey()}>
              <KeyRound size={13} strokeWidth={1.75} aria-hidden="true" />
              Add a key
            </button>
          </>
        )
      }
    >
      <TableCard
        label="Providers and their keys"
        heads={['Provider', 'Address', 'Keys', 'Variable', 'Change']}
        rows={chosen.map((provider) => ({
          key: provider.name,
          cells: [
            <span key="name">
              <span className="font-medium">{provider.name}</span>
              <span className="block text-text-3">
                {provider.from === 'project' ? 'of this project' : provider.title}
              </span>
            </span>,
            <span key="url" className="mono break-all">
              {provider.baseUrl ?? (provider.name === 'sim' ? 'built in' : 'by its settings')}
            </span>,
            <Keys key="keys" provider={provider} onRemove={mayChange ? (key) => setEnding({ provider, key }) : null} />,
            <span key="variable" className="mono break-all text-text-2">
              {provider.keyVariable ?? '–'}
            </span>,
            mayChange ? (
              <Change
                key="change"
                provider={provider}
                onAddKey={() => onAddKey(provider.name)}
                onRemove={() => setEnding({ provider, key: null })}
              />
            ) : (
              ''
            ),
          ],
        }))}
      />
      <NeedsRole of="addProviderKey" what="Changing providers and their keys" />
      {ending && <End ending={ending} onClose={() => setEnding(null)} />}
    </Section>
  );
}
