import { releaseSchemas } from '@wheelhouse/core/contract';
import type { ReleaseArrival, ReleaseAsk, ReleaseTelemetry } from '@wheelhouse/core/ports';
import {
  contentHash,
  defaultProjectId,
  type Json,
  type LiveEvent,
  type ModelId,
  type ReleaseCopies,
  type ReleaseObservation,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { draftExamples } from '../../server/releases/draft-examples.ts';
import { createReleaseHandlers } from '../../server/releases/release-handlers.ts';
import { lookAtReleases } from '../../server/releases/watch-releases.ts';
import { fakeAuditStore, fakeModelStore, fakeReleaseStore } from '../fakes/index.ts';

export const project = defaultProjectId;
export const by = { project, actor: 'ada', role: 'editor', key: null, person: null, team: null } as const;
const firstMs = Date.UTC(2026, 0, 1);
const nothing = { calls: 0, p95Ns: null, cost: null, scores: [] };

type Arm = 'incumbent' | 'candidate';
export const score = (arm: Arm, value: number): ReleaseObservation => ({
  ...{ kind: 'score', arm, name: 'good', value },
});
export const call = (arm: Arm): ReleaseObservation => ({
  ...{ kind: 'call', arm, latencyNs: 1n, costNanoUsd: null, failed: false, refused: false },
});
/** As many of both, where the candidate is as good as said. */
export const traffic = (count: number, candidate: number) =>
  Array.from({ length: count }, () => [
    ...[call('incumbent'), call('candidate'), score('incumbent', 1), score('candidate', candidate)],
  ]).flat();

type Pairs = Pick<ReleaseTelemetry, 'paired' | 'copies' | 'pairs'>;

/** Pairs that came, and three whose answers can be read. */
function fakePairs(arrived: readonly ReleaseArrival[], world: { copies: ReleaseCopies }): Pairs {
  return {
    async paired(_: unknown, ask: ReleaseAsk) {
      const [from, until] = [Number(ask.fromNs / 1_000_000n), Number(ask.untilNs / 1_000_000n)];
      return arrived.filter(({ atMs, seen }) => seen.kind === 'pair' && atMs > from && atMs <= until);
    },
    copies: async () => ({ ...world.copies }),
    pairs: async () => [
      {
        incumbent: { traceId: 'said yes' as TraceId, failed: false },
        candidate: { traceId: 'said no' as TraceId, failed: false },
      },
      {
        incumbent: { traceId: 'said yes' as TraceId, failed: false },
        candidate: { traceId: 'broke' as TraceId, failed: true },
      },
      {
        incumbent: { traceId: 'was not kept' as TraceId, failed: false },
        candidate: { traceId: 'said no' as TraceId, failed: false },
      },
    ],
  };
}

/** A model with two versions, the second with another signature when it breaks callers. */
export async function openReleases({ breaks = false }: { breaks?: boolean | 'acts' } = {}) {
  const audit = fakeAuditStore();
  const { releases, models } = fakeReleaseStore(audit, fakeModelStore(audit));
  await models.create(by, { id: 'md_1' as ModelId, name: 'bot', description: '', tags: [], owner: null });
  const text = (required: string[]) => ({ type: 'object', properties: { q: {}, z: {} }, required });
  for (const required of [['q'], breaks === true ? ['q', 'z'] : ['q']]) {
    const content = {
      definition: {
        flavor: 'base',
        parameters: breaks === 'acts' ? { tools: [{ type: 'mcp', server_url: 'https://a.example' }] } : {},
        baseModel: `sim/${String(Math.max(1, (await models.list(project, { limit: 1 }))[0]?.latest ?? 0))}`,
      },
      signature: { input: text(required), output: {} },
    };
    await models.publish(by, 'bot', {
      ...{ ...content, hash: contentHash([content, required.length, (await models.get(project, 'bot'))?.latest ?? 0]) },
      ...{ example: null, message: '', madeFrom: [] },
    });
  }
  await models.moveAlias(by, 'bot', 'production', 1);
  const copies = { drawn: 0, answered: 0, costNanoUsd: '0' };
  const world = {
    nowMs: firstMs,
    history: nothing as typeof nothing | object,
    fails: false,
    copies,
    blocker: null as { id: string; title: string } | null,
    changes: [] as { monitor: string; model: string; at: string }[],
  };
  const arrived: ReleaseArrival[] = [];
  const asks: ReleaseAsk[] = [];
  const events: LiveEvent[] = [];
  const errors: string[] = [];
  const telemetry = {
    now: async () => BigInt(world.nowMs) * 1_000_000n,
    async arrived(_: unknown, ask: ReleaseAsk) {
      asks.push(ask);
      if (world.fails) throw new WheelhouseError('store_unavailable', 'The telemetry store did not answer.');
      const [from, until] = [Number(ask.fromNs / 1_000_000n), Number(ask.untilNs / 1_000_000n)];
      return arrived.filter(({ atMs }) => atMs > from && atMs <= until);
    },
    ...fakePairs(arrived, world),
    history: async () => world.history as typeof nothing,
    answers: async (_: unknown, { most }: { most: number }) =>
      arrived.filter(({ seen }) => seen.kind !== 'pair' && seen.arm === 'candidate').slice(-most),
  };
  let changes = 0;
  const drafted: { dataset: string; rows: { input: Json; metadata?: object }[] }[] = [];
  const drafting = {
    // Every other one asked the same.
    traceRows: async (_: unknown, traces: TraceId[]) =>
      traces.map((traceId, i) => ({ input: `question ${i >> 1}`, output: 'No.', traceId, spanId: '1' as SpanId })),
    rows: {
      async addRows(_: unknown, dataset: string, rows: { input: Json }[]) {
        if (world.fails) throw new WheelhouseError('store_unavailable', 'The records store did not answer.');
        drafted.push({ dataset, rows });
        return { ids: [], refused: [{ at: 1, error: 'It is too long.' }] };
      },
    },
  };
  const deps = {
    ...{ releases, telemetry, models },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    changed: async () => void changes++,
    clock: { now: () => BigInt(world.nowMs) * 1_000_000n },
    random: { bytes: (size: number) => new Uint8Array(size).fill(changes) },
    log: { error: (_: object, message: string) => void errors.push(message) },
    aliases: { mayMove: async () => {}, mayWithdraw: async () => {} },
    checkCallable: () => {},
    hasDataset: async (_: unknown, name: string) => name === 'failures',
    versionsOf: () => () => null,
    traceRows: async (_: unknown, traces: TraceId[]) =>
      [...new Set(traces)].flatMap((traceId) =>
        traceId.startsWith('said') ? [{ input: 'Is it?', output: traceId, traceId }] : [],
      ),
    isAny: () => true,
    blocker: async () => world.blocker,
    vendorChanges: async () => world.changes,
  };
  const handlers = createReleaseHandlers(deps);
  const start = (more: object = {}) => {
    const rails = [{ kind: 'quality', name: 'good', score: 'good', effect: 0.3 }];
    const body = releaseSchemas.newRelease.parse({ model: 'bot', candidate: 2, minimum: 10, rails, ...more });
    return handlers.startRelease({ by, params: {}, query: undefined, body });
  };
  const get = async (releaseId: string) =>
    (await handlers.getRelease({ by, params: { releaseId }, query: undefined, body: undefined })).release;
  return {
    drafted,
    draft: () => draftExamples({ ...deps, ...drafting }),
    canary: (releaseId: string, body: object = {}) =>
      handlers.startCanary({
        ...{ by, params: { releaseId }, query: undefined, body: releaseSchemas.releaseCanary.parse(body) },
      }),
    ...{ world, deps, handlers, start, get, asks, events, errors, models },
    arrive: (seen: ReleaseObservation[]) => {
      for (const one of seen) {
        const key = String(arrived.length);
        arrived.push({ key, traceId: `trace ${key}` as TraceId, atMs: world.nowMs, seen: one });
      }
    },
    look: () => lookAtReleases(deps, new AbortController().signal),
    aliasOf: async () => (await models.get(project, 'bot'))?.aliases[0],
    changes: () => changes,
  };
}

/** Time goes on, and somebody looks. */
export async function later(api: Awaited<ReturnType<typeof openReleases>>, byMs: number): Promise<void> {
  api.world.nowMs += byMs;
  await api.look();
}

export const pair = (incumbent: number, candidate: number): ReleaseObservation[] => [
  { kind: 'pair', incumbent: call('incumbent') as never, candidate: call('candidate') as never },
  {
    kind: 'pair',
    incumbent: score('incumbent', incumbent) as never,
    candidate: score('candidate', candidate) as never,
  },
];
export const pairs = (count: number, candidate: number) =>
  Array.from({ length: count }, () => pair(1, candidate)).flat();
