import type { Role } from '@wheelhouse/core/records';
import type { Client } from '@wheelhouse/sdk';
import { sameAddress } from '@wheelhouse/sdk/doctor';
import type { Config } from '../config.ts';
import { openClient, openOther } from '../open-client.ts';
import { UsageError } from '../output/exit-codes.ts';

/** Two servers, or two projects of one, or one place twice. */
export type Places = {
  source: Client;
  target: Client;
  /** Their addresses, as people open them. */
  from: string;
  to: string;
  isHere: boolean;
  /** What whoever promotes is at the target; null: a key that may only call models. */
  role: Role | null;
};

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  throw new UsageError(`--to "${text}" is no address.`, 'Give it as https://wheelhouse.example.com.');
}

/**
 * The server that commands talk to, and the one that is promoted to.
 * @param to left out: the same one
 */
export async function openPlaces(config: Config, to: string | undefined): Promise<Places> {
  const from = addressOf(config.url);
  const source = openClient(config);
  const here = async () => {
    const { role } = await source.call('getMe', {});
    return { source, target: source, from, to: from, isHere: true, role };
  };
  if (to === undefined) return here();
  const address = addressOf(to);
  const isSameServer = sameAddress(from, address);
  const { apiKey, project } = config.to;
  if (isSameServer && apiKey === null && project === null) return here();
  const target = openOther(address, { project, apiKey: isSameServer ? (apiKey ?? config.adminKey) : apiKey });
  const [mine, { role, project: theirs }] = await Promise.all([
    isSameServer ? source.call('getMe', {}) : null,
    target.call('getMe', {}),
  ]);
  return { source, target, from, to: address, isHere: mine?.project.id === theirs.id, role };
}
