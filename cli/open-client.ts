import { type CallOptions, type Client, createClient, type RouteId, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from './config.ts';

/** The server and the project that the environment names. */
export const openClient = ({ url, adminKey, project }: Config): Client =>
  createClient({ baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) });

const hints = {
  unreachable: 'Is this its address, and does it run?',
  unauthorized: 'WHEELHOUSE_TO_API_KEY holds a key of that server.',
  forbidden: 'WHEELHOUSE_TO_API_KEY takes a key with the role editor there.',
};

/** Its own errors name the server that answered, and the key that it was shown. */
function named(error: unknown, url: string): unknown {
  if (!(error instanceof WheelhouseApiError) || !(error.code in hints)) return error;
  const message = error.code === 'unreachable' ? error.message : `${url}: ${error.message}`;
  const hint = hints[error.code as keyof typeof hints];
  return new WheelhouseApiError(error.status, error.code, message, hint, { cause: error, param: error.param });
}

/** Another server. Its key is its own: the key of the server that commands talk to is never shown to it. */
export function openOther(url: string, { apiKey, project }: Config['to']): Client {
  const client = createClient({ baseUrl: url, ...(apiKey && { apiKey }), ...(project && { project }) });
  return {
    call: <Id extends RouteId>(id: Id, options: CallOptions<Id>) =>
      client.call(id, options).catch((error: unknown) => {
        throw named(error, url);
      }),
  };
}
