import type { Client, RequestBody } from '@wheelhouse/sdk';
import { findModel } from './find-model.ts';

/** The next version of a model, or the first of a new one. */
export async function publishVersion(
  name: string,
  version: RequestBody<'createVersion'>,
  { client, description = '', tags = [] }: { client: Client; description?: string; tags?: string[] },
): Promise<number> {
  if ((await findModel(client, name)) !== null)
    return (await client.call('createVersion', { params: { name }, body: version })).number;
  const { model } = await client.call('createModel', { body: { name, description, tags, version } });
  return model.latest;
}
