import { useQuery } from '@tanstack/react-query';
import { useData } from './data-context.tsx';
import { serverQuery } from './queries.ts';

export type Here = {
  /** Where this page's server answers. */
  origin: string;
  /** What curl has to say besides the URL: the content type, and the key where one is needed. */
  curl: string;
  /** What code gives as API key. */
  apiKey: string;
  needsKey: boolean;
};

/** What code to take away needs in order to work, with this server's own address. */
export function useHere(): Here {
  const { client } = useData();
  const needsKey = useQuery(serverQuery(client)).data?.authentication === 'admin key';
  const key = needsKey ? ` \\\n  -H "authorization: Bearer $WHEELHOUSE_API_KEY"` : '';
  return {
    origin: location.origin,
    curl: `\\\n  -H 'content-type: application/json'${key}`,
    apiKey: needsKey ? 'process.env.WHEELHOUSE_API_KEY' : `'any'`,
    needsKey,
  };
}

/** What `createClient` of the SDK takes to speak to this server. */
export const clientOptions = (origin: string, needsKey: boolean): string =>
  `{ baseUrl: '${origin}'${needsKey ? ', apiKey: process.env.WHEELHOUSE_API_KEY' : ''} }`;

/** What a command begins with where it would not find this server by itself. */
export const commandAt = (origin: string): string =>
  origin === 'http://127.0.0.1:4400' ? '' : `WHEELHOUSE_URL=${origin} \\\n`;
