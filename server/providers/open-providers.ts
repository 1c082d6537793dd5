import type {
  OwnAccounts,
  Provider,
  ProviderCatalogue,
  ProviderDescription,
  ProviderReader,
} from '@wheelhouse/core/ports';
import type { OwnProvider, ProjectId } from '@wheelhouse/core/records';
import { WheelhouseError } from '@wheelhouse/core/records';
import { checkBaseUrl } from './address-guard.ts';
import { createGoogleTokens } from './auth/google-token.ts';
import { createProvider, type ProviderDeps } from './create-provider.ts';
import { baseUrlOf, type ProviderSetup, vendorOf } from './provider-setup.ts';
import { postForm, smallRequest } from './small-request.ts';
import { createTransport } from './transport.ts';
import { vendors } from './vendors/index.ts';

export type OpenProviders = ProviderReader &
  ProviderCatalogue & {
    /** Takes the place of what was configured before; running calls go on. */
    configure(setups: readonly ProviderSetup[]): void;
    close(): Promise<void>;
  };

export type OpenProvidersOptions = {
  /** Of the configuration. */
  setups: readonly ProviderSetup[];
  /** Providers that are part of this program, such as the simulated model. */
  builtIn: readonly Provider[];
  /** Milliseconds since 1970. */
  nowMs(): number;
};

type Known = { setup: ProviderSetup; provider: Provider };
type OwnKeys = OwnAccounts['keys'];

const keyNeededOf = (setup: ProviderSetup, keys: OwnKeys) => setup.keyNeeded || keys.length > 0;

/** A project's keys take the place of the operator's: who brings a key of their own pays for their own calls. */
function withOwnKeys(setup: ProviderSetup, project: ProjectId, keys: OwnKeys): ProviderSetup {
  const opened = keys.flatMap(({ id, secret }) => (secret === null ? [] : [{ id, secret }]));
  const keyNeeded = keyNeededOf(setup, keys);
  return { ...setup, id: `${project}/${setup.name}`, keys: opened, keyNeeded, identity: null };
}

/** @throws WheelhouseError when it may not be, or has no address */
function ownSetup(
  own: Pick<OwnProvider, 'name' | 'vendor' | 'baseUrl' | 'settings'>,
  project: ProjectId,
): ProviderSetup {
  const vendor = vendorOf(own.vendor);
  if (vendor === null)
    throw new WheelhouseError('invalid_request', `There is no vendor \`${own.vendor}\`.`, {
      param: 'vendor',
      hint: `There are ${vendors.map(({ name }) => name).join(', ')}.`,
    });
  const unknown = Object.keys(own.settings).find((key) => !vendor.settings.some(({ name }) => name === key));
  if (unknown !== undefined)
    throw new WheelhouseError('invalid_request', `${vendor.title} has no setting \`${unknown}\`.`, {
      param: `settings.${unknown}`,
    });
  const fallbacks = vendor.settings.flatMap(({ name, fallback }) => (fallback === null ? [] : [[name, fallback]]));
  const settings: Record<string, string> = { ...Object.fromEntries(fallbacks), ...own.settings };
  const ownUrl = baseUrlOf(vendor, settings);
  const baseUrl = own.baseUrl ?? ownUrl;
  if (baseUrl === null) {
    const missing = vendor.settings.find(({ name }) => settings[name] === undefined);
    const param = missing === undefined ? 'baseUrl' : `settings.${missing.name}`;
    throw new WheelhouseError('invalid_request', `${vendor.title} needs \`${param}\`.`, { param });
  }
  return {
    name: own.name,
    id: `${project}/${own.name}`,
    vendor,
    baseUrl: checkBaseUrl(baseUrl).href.replace(/\/+$/, ''),
    settings,
    headers: {},
    keys: [],
    keyNeeded: vendor.keyNeeded,
    keyVariable: `the keys of ${own.name}`,
    trusted: false,
    identity: null,
    chosen: true,
  };
}

const last4 = (secret: string) => (secret.length < 12 ? '' : secret.slice(-4));

function describeKeys(setup: ProviderSetup, own: OwnKeys): ProviderDescription['keys'] {
  if (own.length > 0)
    return own.map(({ id, label, last4: end, secret, createdBy, createdAt }) => ({
      id,
      label,
      last4: end,
      from: 'project' as const,
      state: secret === null ? ('unreadable' as const) : ('ready' as const),
      createdBy,
      createdAt,
    }));
  return setup.keys.map(({ id, secret }) => ({
    id,
    label: setup.keyVariable,
    last4: last4(secret),
    from: 'server' as const,
    state: 'ready' as const,
    createdBy: null,
    createdAt: null,
  }));
}

const dialectsOf = (provider: Pick<Provider, 'endpoints'>) => provider.endpoints.map(({ dialect }) => dialect);

function describeBuiltIn(provider: Provider): ProviderDescription {
  return {
    name: provider.name,
    title: 'Simulated model',
    vendor: provider.name,
    baseUrl: null,
    from: 'server',
    chosen: true,
    keyNeeded: false,
    keyVariable: null,
    dialects: dialectsOf(provider),
    embeddings: provider.embeddings !== null,
    keys: [],
  };
}

function describeSetup(setup: ProviderSetup, own: OwnKeys): ProviderDescription {
  const { name, vendor, baseUrl, chosen, keyNeeded, keyVariable, trusted } = setup;
  return {
    name,
    title: vendor.title,
    vendor: vendor.name,
    baseUrl,
    from: trusted ? 'server' : 'project',
    chosen: chosen || own.length > 0,
    keyNeeded,
    keyVariable: trusted ? keyVariable : null,
    dialects: dialectsOf(vendor),
    embeddings: vendor.embeddings !== null,
    keys: describeKeys(setup, own),
  };
}

type OwnSetups = { setups: Map<string, ProviderSetup>; keys: Map<string, OwnKeys> };

/** What a project has of its own, by name; one whose address is not allowed any more is left out. */
function ownOf(project: ProjectId, { providers, keys }: OwnAccounts, shared: ReadonlyMap<string, Known>): OwnSetups {
  const mine = keys.filter((key) => key.project === project);
  const setups = new Map<string, ProviderSetup>();
  for (const own of providers) {
    if (own.project !== project || shared.has(own.name)) continue;
    try {
      setups.set(own.name, ownSetup(own, project));
    } catch {
      // Refused today; it stays in the list of the store until somebody removes it.
    }
  }
  return { setups, keys: new Map(mine.map(({ provider }) => [provider, mine.filter((k) => k.provider === provider)])) };
}

/** Every provider that can be called: those that are part of the program, those of the configuration, those of projects. */
export function openProviders(options: OpenProvidersOptions): OpenProviders {
  const transport = createTransport();
  const { nowMs } = options;
  const request = smallRequest(transport);
  const google = createGoogleTokens({ post: postForm(request), nowMs });
  const deps: ProviderDeps = { transport, google, request, nowMs };
  const builtIn = new Map(options.builtIn.map((provider) => [provider.name, provider]));
  let accounts: OwnAccounts = { providers: [], keys: [] };
  let shared = new Map<string, Known>();
  let names: ReadonlySet<string> = new Set();
  let own = new Map<ProjectId, { byName: Map<string, Known>; keys: OwnSetups['keys']; names: ReadonlySet<string> }>();

  function openOwn(project: ProjectId) {
    const { setups, keys } = ownOf(project, accounts, shared);
    const byName = new Map<string, Known>();
    for (const [name, ownKeys] of keys) {
      const base = setups.get(name) ?? shared.get(name)?.setup;
      if (base) setups.set(name, withOwnKeys(base, project, ownKeys));
    }
    for (const [name, setup] of setups) byName.set(name, { setup, provider: createProvider(setup, deps) });
    return { byName, keys, names: new Set([...names, ...byName.keys()]) };
  }

  function refreshOwn(): void {
    const projects = new Set([...accounts.providers, ...accounts.keys].map(({ project }) => project));
    own = new Map([...projects].map((project) => [project, openOwn(project)]));
  }

  function configure(setups: readonly ProviderSetup[]): void {
    shared = new Map(setups.map((setup) => [setup.name, { setup, provider: createProvider(setup, deps) }]));
    names = new Set([...builtIn.keys(), ...shared.keys()]);
    refreshOwn();
  }

  configure(options.setups);
  return {
    configure,
    setOwn(given) {
      accounts = given;
      refreshOwn();
    },
    find: (project, name) =>
      own.get(project)?.byName.get(name)?.provider ?? shared.get(name)?.provider ?? builtIn.get(name) ?? null,
    names: (project) => own.get(project)?.names ?? names,
    vendors: () =>
      vendors.map(({ name, title, baseUrl, settings, keyNeeded, keyForm }) => ({
        name,
        title,
        baseUrl: typeof baseUrl === 'string' ? baseUrl : null,
        settings: settings.map(({ name: setting, description, fallback }) => ({
          name: setting,
          description,
          fallback,
        })),
        keyNeeded,
        keyForm,
      })),
    describe(project) {
      const mine = own.get(project);
      const setups = new Map([...shared].map(([name, { setup }]) => [name, setup]));
      for (const [name, { setup }] of mine?.byName ?? []) setups.set(name, setup);
      const described = [...setups.values()].map((setup) => describeSetup(setup, mine?.keys.get(setup.name) ?? []));
      return [...described, ...[...builtIn.values()].map(describeBuiltIn)].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    refusal(project, provider) {
      if (names.has(provider.name))
        return new WheelhouseError('conflict', `The server has a provider \`${provider.name}\` already.`, {
          param: 'name',
          hint: 'Take another name, or add a key of your own to that provider.',
        });
      try {
        ownSetup(provider, project);
        return null;
      } catch (error) {
        if (error instanceof WheelhouseError) return error;
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
