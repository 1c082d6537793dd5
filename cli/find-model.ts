import { type Client, type ModelDetailBody, WheelhouseApiError } from '@wheelhouse/sdk';

/** A model with its versions; null: there is none of that name. */
export const findModel = (client: Client, name: string): Promise<ModelDetailBody | null> =>
  client.call('getModel', { params: { name } }).catch((error: unknown) => {
    if (error instanceof WheelhouseApiError && error.status === 404) return null;
    throw error;
  });
