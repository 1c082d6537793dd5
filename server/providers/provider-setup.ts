import { existsSync, readFileSync } from 'node:fs';
import type { ProviderKey } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { z } from 'zod';
import type { IdentityVariables } from './auth/identity-steps.ts';
import { identityVariables } from './auth/machine-identity.ts';
import type { Vendor, VendorSettings } from './vendor.ts';
import { vendors } from './vendors/index.ts';

/** What a name such as `groq` in `groq/llama-3.3-70b-versatile` stands for: an address, its vendor, and keys. */
export type ProviderSetup = {
  name: string;
  /** Differs between the accounts of different projects. */
  id: string;
  vendor: Vendor;
  baseUrl: string;
  settings: Record<string, string>;
  headers: Record<string, string>;
  keys: readonly ProviderKey[];
  /** Whether calls without a key are refused. */
  keyNeeded: boolean;
  /** Where one can be set: an environment variable, or a place in the file. */
  keyVariable: string;
  /** Whether the operator named the address; any other is kept out of the operator's network. */
  trusted: boolean;
  /** What says who this machine is, where that counts instead of a key; never of a project's own. */
  identity: IdentityVariables | null;
  /** Whether somebody set it up, and not only its vendor's defaults. */
  chosen: boolean;
};

const providerSection = z
  .object({
    vendor: z.string().optional().describe('Whose form it has; its own name, or openai-compatible, unless said'),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Up to and including /v1'),
    apiKey: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('One key, or several that take turns'),
    apiKeyVariable: z.string().min(1).optional().describe('Name of the environment variable that holds the key'),
    identity: z
      .literal('machine')
      .optional()
      .describe('Who this machine is, instead of a key; see the guide on vendors'),
    settings: z.record(z.string(), z.string()).optional().describe('What the vendor needs besides, such as a region'),
    headers: z.record(z.string(), z.string()).optional().describe('Sent with every request'),
  })
  .strict();

/** `providers` in wheelhouse.config. */
export const providersSection = z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), providerSection);
type ProviderSection = z.output<typeof providerSection>;

export type Environment = Record<string, string | undefined>;

const wrong = (message: string, hint?: string) =>
  new WheelhouseError('config_invalid', message, hint === undefined ? {} : { hint });

export const vendorOf = (name: string): Vendor | null => vendors.find((vendor) => vendor.name === name) ?? null;

const firstSet = (names: readonly string[], env: Environment): [string, string] | null => {
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && value !== '') return [name, value];
  }
  return null;
};

/** Several keys stand in one variable with commas between; JSON is one key, and so is what a path leads to. */
function keysIn(variable: string, value: string, env: Environment): string[] {
  if (variable === 'AWS_ACCESS_KEY_ID') {
    const { AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
    return secret ? [[value, secret, ...(token ? [token] : [])].join(':')] : [];
  }
  if (value.trimStart().startsWith('{')) return [value];
  if (variable === 'GOOGLE_APPLICATION_CREDENTIALS') {
    if (!existsSync(value)) throw wrong(`GOOGLE_APPLICATION_CREDENTIALS names ${value}, which is not there.`);
    return [readFileSync(value, 'utf8')];
  }
  return value
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
}

function settingsOf(vendor: Vendor, given: VendorSettings, env: Environment): Record<string, string> {
  const known = vendor.settings.flatMap(({ name, variables, fallback }): [string, string][] => {
    const value = given[name] ?? firstSet(variables, env)?.[1] ?? fallback;
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(known);
}

/** A setting becomes a part of the base URL, so it may hold nothing that would end that part. */
const plainSetting = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * The vendor's own address; null when it has none, or a setting is not said.
 * @throws WheelhouseError `invalid_request` for a setting that cannot stand in an address
 */
export function baseUrlOf(vendor: Vendor, settings: VendorSettings): string | null {
  for (const [name, value] of Object.entries(settings))
    if (!plainSetting.test(value))
      throw new WheelhouseError('invalid_request', `The setting \`${name}\` takes letters, digits, dots and dashes.`, {
        param: `settings.${name}`,
      });
  if (vendor.settings.some(({ name }) => settings[name] === undefined)) return null;
  return typeof vendor.baseUrl === 'function' ? vendor.baseUrl(settings) : vendor.baseUrl;
}

/** What applications call the base URL ends before the version for some vendors. */
function urlFrom(variable: string, text: string, vendor: Vendor): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw wrong(`${variable} is not an http or https URL: ${text}`);
  const bare = withoutSlash(text);
  return bare.endsWith(vendor.baseUrlSuffix) ? bare : `${bare}${vendor.baseUrlSuffix}`;
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

type Given = { name: string; vendor: Vendor; section: ProviderSection | null; env: Environment };

/** A vendor's own variables hold the operator's keys for that vendor: they go to no address that merely looks like it. */
function secretsOf(
  { name, vendor, section, env }: Given,
  ownAddress: boolean,
): { variable: string; secrets: string[] } {
  const named = section?.apiKeyVariable;
  const own = name === vendor.name || ownAddress ? vendor.keyVariables : [];
  const found = firstSet(named === undefined ? own : [named], env);
  const variable = named ?? found?.[0] ?? own[0] ?? `providers.${name}.apiKey`;
  if (section?.apiKey !== undefined) return { variable, secrets: [section.apiKey].flat() };
  return { variable, secrets: found === null ? [] : keysIn(found[0], found[1], env) };
}

/** @throws WheelhouseError `config_invalid` where the vendor knows no machines, or a key is given as well */
function identityOf({ name, vendor, section, env }: Given): IdentityVariables | null {
  if (section?.identity === undefined) return null;
  if (vendor.identity === null) throw wrong(`providers.${name}.identity: ${vendor.title} knows keys, and no machines.`);
  if (section.apiKey !== undefined || section.apiKeyVariable !== undefined)
    throw wrong(`providers.${name}: \`identity\` stands instead of a key; there is one as well.`);
  return Object.fromEntries(identityVariables[vendor.identity].map((variable) => [variable, env[variable]]));
}

function givenKeys(given: Given, ownAddress: boolean): Pick<ProviderSetup, 'keys' | 'keyVariable'> {
  const { variable, secrets } = secretsOf(given, ownAddress);
  return { keys: secrets.map((secret, i) => ({ id: `${given.name}#${i + 1}`, secret })), keyVariable: variable };
}

/** What stands in the place of a key, for whatever counts keys. */
const machineKey = (name: string): Pick<ProviderSetup, 'keys' | 'keyVariable'> => ({
  keys: [{ id: `${name}#machine`, secret: 'machine' }],
  keyVariable: 'the identity of this machine',
});

function setupOf(given: Given): ProviderSetup | null {
  const { name, vendor, section, env } = given;
  const settings = settingsOf(vendor, section?.settings ?? {}, env);
  const ownUrl = baseUrlOf(vendor, settings);
  const variable =
    name === vendor.name && vendor.baseUrlVariable !== null ? firstSet([vendor.baseUrlVariable], env) : null;
  const chosenUrl = section?.baseUrl ?? (variable === null ? null : urlFrom(...variable, vendor));
  const baseUrl = chosenUrl ?? ownUrl;
  if (baseUrl === null) return null;
  const ownAddress = withoutSlash(baseUrl) === ownUrl;
  const identity = identityOf(given);
  const { keys, keyVariable } = identity === null ? givenKeys(given, ownAddress) : machineKey(name);
  const named = section?.apiKeyVariable !== undefined && section.apiKey === undefined;
  return {
    name,
    id: name,
    vendor,
    baseUrl: withoutSlash(baseUrl),
    settings,
    headers: lowerCase(section?.headers ?? {}),
    keys,
    // Another address of a vendor is often a proxy that needs none.
    keyNeeded: named || (vendor.keyNeeded && (ownAddress || vendor.baseUrl === null)),
    keyVariable,
    trusted: true,
    identity,
    chosen: section !== null || keys.length > 0 || variable !== null || name === 'openai',
  };
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function sectionSetup(name: string, section: ProviderSection, env: Environment): ProviderSetup {
  if (name === 'sim') throw wrong('providers.sim: this name belongs to the simulated model.');
  const vendor =
    vendorOf(section.vendor ?? name) ?? (section.vendor === undefined ? vendorOf('openai-compatible') : null);
  if (vendor === null)
    throw wrong(
      `providers.${name}.vendor: there is no vendor \`${section.vendor}\`.`,
      `There are ${vendors.map((known) => known.name).join(', ')}.`,
    );
  const unknown = Object.keys(section.settings ?? {}).find(
    (key) => !vendor.settings.some((known) => known.name === key),
  );
  if (unknown !== undefined) throw wrong(`providers.${name}.settings: ${vendor.title} has no setting \`${unknown}\`.`);
  const setup = setupOf({ name, vendor, section, env });
  if (setup !== null) return setup;
  const missing = vendor.settings.filter(({ name: key, fallback }) => fallback === null && !section.settings?.[key]);
  const what = missing.map((setting) => `settings.${setting.name}`).join(' and ') || 'baseUrl';
  throw wrong(`providers.${name}: ${what} is not said.`);
}

/**
 * Every provider that can be named: those of the file, and each known vendor under its own name, with the keys that the
 * environment holds.
 * @throws WheelhouseError `config_invalid`
 */
export function readProviderSetups(sections: z.output<typeof providersSection>, env: Environment): ProviderSetup[] {
  const ofFile = Object.entries(sections).map(([name, section]) => sectionSetup(name, section, env));
  const ofVendors = vendors.flatMap((vendor) => {
    if (sections[vendor.name] !== undefined) return [];
    return setupOf({ name: vendor.name, vendor, section: null, env }) ?? [];
  });
  return [...ofVendors, ...ofFile];
}
