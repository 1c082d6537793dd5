import { expect } from 'vitest';
import type { Upstream } from '../upstream/index.ts';

/** The answer with its end, after which the gateway has counted what it took. */
export async function toItsEnd(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  return new Response(await answer.arrayBuffer(), answer);
}

/** Makes calls of the model `m`, none of which is over before each is refused or at the vendor; how many of each status. */
export async function atOnce(upstream: Upstream, make: () => Promise<Response>[]): Promise<Record<number, number>> {
  const before = upstream.of('m').length;
  const answer = upstream.holdBack('m', {});
  const calls = make();
  let refused = 0;
  for (const call of calls) void call.then(() => refused++);
  await expect.poll(() => refused + upstream.of('m').length - before).toBe(calls.length);
  answer();
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(calls)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
