import type { Client, ResponseBody } from '@wheelhouse/sdk';
import { expect, vi } from 'vitest';

const patient = { timeout: 60_000, interval: 25 };

/** The trace of a call, once it is there: the gateway answers before it stores. Other spans of it may come later. */
export function untilStored(client: Client, traceId: string): Promise<ResponseBody<'getTrace'>> {
  return vi.waitFor(() => client.call('getTrace', { params: { traceId } }), patient);
}

/** Resolves when nothing of what the gateway answered waits to be stored any more. */
export async function untilAllStored(client: Client): Promise<void> {
  await vi.waitFor(async () => {
    const { sources } = await client.call('getLedger', {});
    expect(sources.find(({ source }) => source === 'gateway')?.waiting ?? 0).toBe(0);
  }, patient);
}

/** Resolves when lists show so many traces that fit: their lines are made a moment after they are stored. */
export async function untilListed(client: Client, count: number, q?: string): Promise<void> {
  const query = q === undefined ? {} : { q };
  await vi.waitFor(async () => expect((await client.call('listFacets', { query })).total).toBe(count), patient);
}
