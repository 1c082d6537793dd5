import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { GatewayTargetsBody, GatewayUsageBody } from '@wheelhouse/sdk';
import { type ReactNode, useRef } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { count, sizeText } from '../../data/format.ts';
import { providersQuery, targetsQuery, usageQuery } from '../../data/gateway-queries.ts';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { Budgets, Limits } from './budgets.tsx';
import { BudgetForm, LimitForm } from './control-forms.tsx';
import { AddKey, AddProvider } from './provider-forms.tsx';
import { Providers } from './providers.tsx';
import { Routes, Targets } from './targets.tsx';
import { TryRequest } from './try-request.tsx';

const route = getRouteApi('/settings/gateway');

type Search = ReturnType<typeof route.useSearch>;

function Figure({ name, value, detail }: { name: string; value: string; detail: string }) {
  return (
    <div className="card px-3 py-2">
      <dt className="text-text-2">{name}</dt>
      <dd>
        <span className="text-xl font-semibold">{value}</span>
        <span className="block text-text-3">{detail}</span>
      </dd>
    </div>
  );
}

/** What is so at this moment, in four figures. */
function Now({ targets, usage }: { targets: GatewayTargetsBody; usage: GatewayUsageBody }) {
  const { hits, semanticHits, misses, entries, bytes } = usage.cache;
  const alike = semanticHits === 0 ? '' : `, ${count(semanticHits)} for a question that asks the same`;
  const away = targets.data.filter(({ state }) => state !== 'ok').length;
  const marked = usage.budgets.filter(({ usedBy }) => usedBy.some(({ state }) => state !== 'ok')).length;
  return (
    <dl aria-label="Now" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure name="Calls that run" value={count(targets.running)} detail="on this server, now" />
      <Figure name="Targets away" value={count(away)} detail={`of ${count(targets.data.length)} that were called`} />
      <Figure
        name="Budgets near their end"
        value={count(marked)}
        detail={`of ${count(usage.budgets.length)} that are set`}
      />
      <Figure
        name="Found in the cache"
        value={hits + misses === 0 ? '–' : `${Math.round((hits / (hits + misses)) * 100)} %`}
        detail={
          hits + misses === 0
            ? 'no call asked it yet'
            : `${count(hits)} of ${count(hits + misses)}${alike}; ${count(entries)} kept, ${sizeText(bytes)}`
        }
      />
    </dl>
  );
}

/** Where calls go, what they may cost and how fast they may come, with how it is now. */
export function GatewayPage(): ReactNode {
  const { client } = useData();
  const may = useMay();
  const search = route.useSearch();
  const navigate = useNavigate();
  const box = useRef<HTMLTextAreaElement>(null);
  const targets = useQuery(targetsQuery(client));
  const usage = useQuery(usageQuery(client));
  const providers = useQuery(providersQuery(client));
  const go = (next: Search) =>
    void navigate({ to: '/settings/gateway', search: next, replace: true, resetScroll: false });
  const kept = search.model === undefined ? {} : { model: search.model };
  const close = () => go(kept);
  const open = (what: NonNullable<Search['open']>, provider?: string) =>
    go({ ...kept, open: what, ...(provider === undefined ? {} : { provider }) });
  const mayTry = may('createScore');
  useShortcuts('Gateway', [
    ...(mayTry ? [{ keys: 'v', label: 'try a request', hint: true, run: () => box.current?.focus() }] : []),
    ...(may('setBudget') ? [{ keys: 'b', label: 'set a budget', hint: true, run: () => open('budget') }] : []),
    ...(may('setLimit') ? [{ keys: 'l', label: 'set a limit', run: () => open('limit') }] : []),
    ...(may('addProviderKey') ? [{ keys: 'c', label: 'add a key', run: () => open('key') }] : []),
  ]);
  const failed = [targets, usage, providers].find((query) => query.error && !query.data);
  if (failed?.error)
    return (
      <SettingsFrame title="Gateway">
        <RequestError error={failed.error} onRetry={() => void failed.refetch()} />
      </SettingsFrame>
    );
  if (!targets.data || !usage.data || !providers.data)
    return (
      <SettingsFrame title="Gateway">
        <Loading what="the gateway" />
      </SettingsFrame>
    );
  return (
    <SettingsFrame title="Gateway">
      <Now targets={targets.data} usage={usage.data} />
      <Targets targets={targets.data.data} />
      <Routes routes={targets.data.routes} targets={targets.data.data} />
      <Providers
        providers={providers.data}
        onAddKey={(provider) => open('key', provider)}
        onAddProvider={() => open('provider')}
      />
      <Budgets budgets={usage.data.budgets} onAdd={() => open('budget')} />
      <Limits limits={usage.data.limits} onAdd={() => open('limit')} />
      {mayTry ? (
        <TryRequest model={search.model} onModel={(model) => go(model === '' ? {} : { model })} box={box} />
      ) : (
        <NeedsRole of="createScore" what="Trying a request" />
      )}
      {search.open === 'budget' && may('setBudget') && <BudgetForm onClose={close} />}
      {search.open === 'limit' && may('setLimit') && <LimitForm onClose={close} />}
      {search.open === 'key' && may('addProviderKey') && (
        <AddKey providers={providers.data} provider={search.provider} onClose={close} />
      )}
      {search.open === 'provider' && may('createProvider') && (
        <AddProvider onClose={close} onAdded={(provider) => open('key', provider)} />
      )}
    </SettingsFrame>
  );
}
