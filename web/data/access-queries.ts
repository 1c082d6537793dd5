import { queryOptions, useQuery } from '@tanstack/react-query';
import { allows, routeNeeds } from '@wheelhouse/core/contract/permissions';
import type { Client, MeBody, RouteId } from '@wheelhouse/sdk';
import { useData } from './data-context.tsx';

/** Who looks, and where. Whoever changes that, in another tab too, loads the page anew. */
const meQuery = (client: Client) =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => client.call('getMe', { signal }), staleTime: 60_000 });

export const mySessionsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['my-sessions'],
    queryFn: async ({ signal }) => (await client.call('listSessionsOfMine', { signal })).data,
  });

export const projectContentsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['project-contents'],
    queryFn: ({ signal }) => client.call('countProject', { signal }),
    gcTime: 0,
  });

export const peopleQuery = (client: Client) =>
  queryOptions({
    queryKey: ['people'],
    queryFn: async ({ signal }) => (await client.call('listPeople', { signal })).data,
  });

export const invitationsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['invitations'],
    queryFn: async ({ signal }) => (await client.call('listInvitations', { signal })).data,
  });

export const teamsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['teams'],
    queryFn: async ({ signal }) => (await client.call('listTeams', { signal })).data,
  });

export const keysQuery = (client: Client) =>
  queryOptions({ queryKey: ['keys'], queryFn: async ({ signal }) => (await client.call('listKeys', { signal })).data });

/** undefined until it is known. */
export function useMe(): MeBody | undefined {
  const { client } = useData();
  return useQuery(meQuery(client)).data;
}

/** What may be offered to whoever looks; nothing until that is known. */
export function useMay(): (id: RouteId) => boolean {
  const me = useMe();
  return (id) => me !== undefined && allows(me.role, routeNeeds[id]);
}

/** The role that a route takes, as a word. */
export const roleFor = (id: RouteId): string => (routeNeeds[id] === 'call' ? 'editor' : routeNeeds[id]);
