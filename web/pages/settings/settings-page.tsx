import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ServerInfoBody } from '@wheelhouse/sdk';
import { type ReactNode, useId } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural } from '../../data/format.ts';
import { type Preferences, setPreference, usePreference } from '../../data/preferences.ts';
import { auditQuery, serverQuery } from '../../data/queries.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';

function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <div>
        <h2 className="text-lg font-semibold">{title}</h2>
        {text && <p className="text-text-2">{text}</p>}
      </div>
      {children}
    </section>
  );
}

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

const keyWords = {
  set: { tone: 'good', text: '✓ key set' },
  missing: { tone: 'warn', text: '▲ key missing' },
  'not needed': { tone: 'mute', text: 'no key needed' },
} as const;

function Providers({ server }: { server: ServerInfoBody }) {
  return (
    <div className="card overflow-hidden [&>section]:border-b-0">
      <DataTable
        label="Providers and their keys"
        heads={['Provider', 'Base URL', 'Key', 'Variable']}
        rows={server.providers.map((provider) => ({
          key: provider.name,
          cells: [
            <span key="name" className="font-medium">
              {provider.name}
            </span>,
            <span key="url" className="mono whitespace-nowrap">
              {provider.baseUrl ?? 'built in'}
            </span>,
            <Pill key="key" tone={keyWords[provider.key].tone}>
              {keyWords[provider.key].text}
            </Pill>,
            <span key="variable" className="mono text-text-2">
              {provider.keyVariable ?? '–'}
            </span>,
          ],
        }))}
      />
    </div>
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
      <Section title="Providers" text="Keys come from the environment or the config file, and are never shown.">
        <Providers server={server} />
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
              value: server.authentication === 'loopback' ? 'this machine only, no key' : 'admin key',
            },
            {
              name: 'Spans',
              value: `${count(server.spans.stored)} stored, ${count(server.spans.dropped)} dropped, since the ledger began`,
            },
            {
              name: 'Traces kept',
              value:
                server.keepTraceDays === null
                  ? 'for ever; traces.keepDays in the config file sets a limit'
                  : `for ${plural(server.keepTraceDays, 'day')}; traces.keepDays in the config file says so`,
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

function Audit() {
  const { client } = useData();
  const query = useInfiniteQuery(auditQuery(client));
  const entries = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Section title="Audit log" text="Who changed what, newest first.">
      {query.isPending && <Loading what="the log" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && entries.length === 0 && <p className="text-text-3">Nothing was changed yet.</p>}
      {entries.length > 0 && (
        <div className="card overflow-hidden [&>section]:border-b-0">
          <DataTable
            label="Changes"
            heads={['When', 'Who', 'Did', 'To', 'Detail']}
            rows={entries.map((entry) => ({
              key: entry.id,
              cells: [
                <span key="at" className="whitespace-nowrap text-text-2">
                  {dateTime(entry.at)}
                </span>,
                entry.actor,
                <span key="action" className="mono whitespace-nowrap">
                  {entry.action}
                </span>,
                <span key="subject" className="mono">
                  {entry.subject}
                </span>,
                <span key="detail" className="mono line-clamp-2 break-all text-text-3">
                  {Object.keys(entry.detail).length > 0 ? JSON.stringify(entry.detail) : ''}
                </span>,
              ],
            }))}
          />
        </div>
      )}
      {query.hasNextPage && (
        <div>
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
    </Section>
  );
}

const more = [
  {
    to: '/ledger',
    title: 'Ledger',
    text: 'What became of every span: received, stored, rejected, waiting; refused requests to repair and send again.',
  },
  {
    to: '/prices',
    title: 'Prices',
    text: 'What calls cost, pricing a time again, and bills beside our figures.',
  },
] as const;

function More() {
  return (
    <ul className="grid gap-3 sm:grid-cols-2">
      {more.map(({ to, title, text }) => (
        <li key={to} className="card p-3">
          <Link to={to} className="link font-semibold">
            {title}
          </Link>
          <p className="text-text-2">{text}</p>
        </li>
      ))}
    </ul>
  );
}

export function SettingsPage(): ReactNode {
  return (
    <>
      <PageHeader title="Settings" />
      <div className="mx-auto flex w-full max-w-[920px] flex-col gap-8 p-4 pb-12">
        <More />
        <Server />
        <Appearance />
        <Audit />
      </div>
    </>
  );
}
