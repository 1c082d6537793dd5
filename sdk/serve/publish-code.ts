import type { RequestBody } from '@wheelhouse/core/contract';
import { canonicalJson, type Json } from '@wheelhouse/core/records';
import { type Client, WheelhouseApiError } from '../client/index.ts';

type NewVersion = RequestBody<'createVersion'>;
export type PublishedCode = { number: number; isNew: boolean; aliases: { alias: string; version: number }[] };

const same = (a: unknown, b: unknown) => canonicalJson((a ?? null) as Json) === canonicalJson((b ?? null) as Json);

/**
 * The version that this code is: an older one when it is the same, else the next. A name that is new is registered.
 * @throws WheelhouseApiError
 */
export async function publishCode(
  name: string,
  version: NewVersion,
  { client, description = '' }: { client: Client; description?: string },
): Promise<PublishedCode> {
  const params = { name };
  const known = await client.call('getModel', { params }).catch((error: unknown) => {
    if (error instanceof WheelhouseApiError && error.status === 404) return null;
    throw error;
  });
  if (known === null) {
    const { model } = await client.call('createModel', { body: { name, description, version } });
    return { number: model.latest, isNew: true, aliases: model.aliases };
  }
  const { aliases } = known.model;
  const found = known.versions.find(
    ({ definition, signature }) =>
      same(definition, version.definition) && same({ ...signature, ...version.signature }, signature),
  );
  if (found) return { number: found.number, isNew: false, aliases };
  const made = await client.call('createVersion', { params, body: version });
  return { number: made.number, isNew: true, aliases };
}
