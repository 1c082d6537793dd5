import { type Client, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { type Chat, clientOf, type ExportedTrace, projects } from './traffic.ts';

export type Findings = { missing: string[]; doubled: string[] };

const none = (): Findings => ({ missing: [], doubled: [] });

function add(all: Findings, more: Findings): void {
  all.missing.push(...more.missing);
  all.doubled.push(...more.doubled);
}

async function traceOf(client: Client, traceId: string) {
  return client.call('getTrace', { params: { traceId } }).catch((error: unknown) => {
    if (error instanceof WheelhouseApiError && error.status === 404) return null;
    throw error;
  });
}

/** Does it for each, a few at a time. */
async function each<One>(all: readonly One[], look: (one: One) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const lane = async () => {
    for (const one of waiting) await look(one);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

/** Looks for what was acknowledged; more than that may be there, but nothing twice. */
export async function verifyExported(
  client: Client,
  traces: readonly Pick<ExportedTrace, 'traceId' | 'acknowledged'>[],
): Promise<Findings> {
  const findings = none();
  await each(traces, async ({ traceId, acknowledged }) => {
    const found = await traceOf(client, traceId);
    const { spanCount = 0, inputTokens = 0, outputTokens = 0, endNs = null, name = '' } = found?.trace ?? {};
    const wanted = acknowledged === 0 ? 0 : acknowledged === 1 ? 1 : 2;
    const whole = name === 'agent run' && endNs !== null;
    if (spanCount < wanted || (acknowledged === 3 && !whole)) findings.missing.push(traceId);
    if (spanCount > 2 || inputTokens > 7 || outputTokens > 2) findings.doubled.push(traceId);
  });
  return findings;
}

/** Looks for the spans of gateway calls; each is one span with the tokens that the vendor counted. */
export async function verifyChats(client: Client, chats: readonly Pick<Chat, 'traceId'>[]): Promise<Findings> {
  const findings = none();
  await each(chats, async ({ traceId }) => {
    const found = await traceOf(client, traceId);
    const { spanCount = 0, inputTokens = 0, costNanoUsd = '0' } = found?.trace ?? {};
    if (spanCount === 0) findings.missing.push(traceId);
    else if (spanCount !== 1 || inputTokens !== 11 || costNanoUsd !== '3450') findings.doubled.push(traceId);
  });
  return findings;
}

/** As above, each in its own project; in the other one nobody has heard of it. */
export async function verifyTraffic(
  house: Wheelhouse,
  { exported, chats }: { exported: readonly Omit<ExportedTrace, 'root' | 'child'>[]; chats: readonly Chat[] },
): Promise<{ exported: Findings; chats: Findings; strayed: string[] }> {
  const found = { exported: none(), chats: none(), strayed: [] as string[] };
  for (const project of projects) {
    const client = clientOf(house, project);
    const own = <One extends { project: string }>(all: readonly One[]) => all.filter((one) => one.project === project);
    add(found.exported, await verifyExported(client, own(exported)));
    add(found.chats, await verifyChats(client, own(chats)));
    const others = [...exported, ...chats].filter((one) => one.project !== project);
    await each(others, async ({ traceId }) => {
      if (await traceOf(client, traceId)) found.strayed.push(traceId);
    });
  }
  return found;
}
