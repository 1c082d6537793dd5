import { type Client, type RequestBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { tidied } from './definitions.ts';

const isMissing = (error: unknown) => error instanceof WheelhouseApiError && error.status === 404;

/** Publishes the next version of a model, which may be new. @returns its number */
export async function publishVersion(
  client: Client,
  name: string,
  version: RequestBody<'createVersion'>,
): Promise<number> {
  const body = { ...version, definition: tidied(version.definition) };
  const known = await client.call('getModel', { params: { name } }).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (known) return (await client.call('createVersion', { params: { name }, body })).number;
  return (await client.call('createModel', { body: { name, version: body } })).model.latest;
}
