import { type Client, WheelhouseApiError } from '@wheelhouse/sdk';
import { beginRelease, type Started } from '../commands/release.ts';

type Move = { name: string; alias: string; version: number };
type Meant = { breaking: boolean; message: string };

/** What became of an alias. `isNew`: it was not so before. */
export type Led =
  | { state: 'moved'; breaking: string[] }
  | { state: 'asked'; request: string; isNew: boolean }
  | ({ state: 'canary' } & Started);

/** A move that somebody asked for is not asked for twice. */
async function ask(client: Client, { name, alias, version }: Move, message: string): Promise<Led> {
  const { data } = await client.call('listAliasRequests', { query: { status: 'open', model: name, limit: 500 } });
  const open = data.find((one) => one.alias === alias && one.to === version);
  if (open) return { state: 'asked', request: open.id, isNew: false };
  const { id } = await client.call('requestAlias', { params: { name, alias }, body: { version, message } });
  return { state: 'asked', request: id, isNew: true };
}

/** Moves it, or asks for that where it is protected. */
export async function moveOrAsk(client: Client, move: Move, { breaking, message }: Meant): Promise<Led> {
  const { version, ...params } = move;
  try {
    const moved = await client.call('moveAlias', { params, body: { version, breaking } });
    return { state: 'moved', breaking: moved.breaking };
  } catch (error) {
    if (!(error instanceof WheelhouseApiError) || error.code !== 'alias_protected') throw error;
    return ask(client, move, message);
  }
}

/** Gives the version a share of it. */
export async function startCanary(
  client: Client,
  { name: model, alias, version: candidate }: Move,
  { share, breaking, message }: Meant & { share: number },
): Promise<Led> {
  const body = { model, alias, candidate, share, breaking, message };
  return { state: 'canary', ...(await beginRelease(client, body)) };
}
