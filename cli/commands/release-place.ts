import type { Client } from '@wheelhouse/sdk';
/** `support-bot@staging` as its parts; without an alias, `production`. */
export function placeOf(text: string): { model: string; alias: string } {
  const at = text.lastIndexOf('@');
  return at > 0 ? { model: text.slice(0, at), alias: text.slice(at + 1) } : { model: text, alias: 'production' };
}

/** Makes the dataset when there is none. */
export async function ensureDataset(client: Client, name: string): Promise<void> {
  const { data } = await client.call('listDatasets', {});
  if (!data.some((one) => one.name === name)) await client.call('createDataset', { body: { name } });
}
