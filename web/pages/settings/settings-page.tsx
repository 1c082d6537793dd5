import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { type Preferences, setPreference, usePreference } from '../../data/preferences.ts';
import { serverQuery } from '../../data/queries.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { Account } from './account.tsx';
import { KeepTraces } from './keep-traces.tsx';
import { ProjectNames } from './project-names.tsx';
import { Section } from './section.tsx';

function Facts({ facts }: { facts: { name: string; value: string; copy?: boolean }[] }) {
  return (
    <dl className="card divide-y divide-line">
      {facts.map(({ name, value, copy }) => (
        <div key={name} className="flex min-h-9 flex-wrap items-center gap-x-4 px-3 max-sm:py-1">
          <dt className="w-40 text-text-2">{name}</dt>
          <dd className="mono flex min-w-0 flex-1 items-center break-all max-sm:basis-full">
            {value}
            {copy && <CopyButton text={value} label={`Copy ${name}`} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const stores = { embedded: 'embedded', server: 'your server' };

function Server() {
  const { client } = useData();
  const query = useQuery(serverQuery(client));
  if (query.isPending) return <Loading what="the server's state" />;
  if (!query.data) return query.error && <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  const server = query.data;
  return (
    <>
      <Section title="Endpoints" text="Point any OpenAI client and any OpenTelemetry exporter here.">
        <Facts
          facts={[
            { name: 'OpenAI base URL', value: server.openaiUrl, copy: true },
            { name: 'OTLP endpoint', value: server.otlpUrl, copy: true },
            { name: 'API description', value: `${location.origin}/api/v1/openapi.json`, copy: true },
          ]}
        />
      </Section>
      <Section title="Server">
        <Facts
          facts={[
            { name: 'Version', value: server.version },
            { name: 'Project', value: server.project },
            { name: 'Data', value: server.dataDir },
            { name: 'Records', value: stores[server.stores.records] },
            { name: 'Telemetry', value: stores[server.stores.telemetry] },
            {
              name: 'Access',
              value: server.authentication === 'loopback' ? 'this machine only, nobody signs in' : 'people and keys',
            },
            {
              name: 'Spans',
              value: `${count(server.spans.stored)} stored, ${count(server.spans.dropped)} dropped, since the ledger began`,
            },
          ]}
        />
      </Section>
    </>
  );
}

type ChoiceProps<Name extends keyof Preferences> = {
  name: Name;
  label: string;
  values: { value: Preferences[Name]; text: string }[];
};

function Choice<Name extends keyof Preferences>({ name, label, values }: ChoiceProps<Name>) {
  const current = usePreference(name);
  const labelId = useId();
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-3 py-1">
      <span id={labelId} className="w-40 text-text-2">
        {label}
      </span>
      <div role="group" aria-labelledby={labelId} className="flex gap-2">
        {values.map(({ value, text }) => (
          <button
            key={value}
            type="button"
            className="btn"
            aria-pressed={value === current}
            onClick={() => setPreference(name, value)}
          >
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}

function Appearance() {
  return (
    <Section title="Appearance" text="For this browser.">
      <div className="card divide-y divide-line">
        <Choice
          name="theme"
          label="Theme"
          values={[
            { value: 'light', text: 'Light' },
            { value: 'dark', text: 'Dark' },
            { value: 'system', text: 'System' },
          ]}
        />
        <Choice
          name="density"
          label="Density"
          values={[
            { value: 'compact', text: 'Compact' },
            { value: 'comfortable', text: 'Comfortable' },
          ]}
        />
        <Choice
          name="keys"
          label="Single-key shortcuts"
          values={[
            { value: 'on', text: 'On' },
            { value: 'off', text: 'Off' },
          ]}
        />
      </div>
    </Section>
  );
}

/** The server's own state, how this project is kept, and this browser. */
export function SettingsPage(): ReactNode {
  const may = useMay();
  return (
    <SettingsFrame title="General">
      <Account />
      <Server />
      <Section title="Project">
        <ProjectNames />
        <KeepTraces fixed={!may('setRetention')} />
      </Section>
      <Appearance />
    </SettingsFrame>
  );
}
