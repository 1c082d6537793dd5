import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PriceAsk } from '@wheelhouse/core/ports';
import { defaultProjectId, type PriceRow, type Score, type Span, type TraceId } from '@wheelhouse/core/records';
import { fakeAttachments } from './attachments.ts';
import { foldSpan } from './fold-span.ts';
import { fakeScoreStore } from './score-store.ts';
import { fakeSpanFinder } from './span-finder.ts';

export type RecordedRequest = { method: string; url: string; headers: Record<string, string>; body: unknown };

type Rejected = {
  source: string;
  reason: string;
  sample: string;
  spans?: number;
  letter?: { path: string; body: Uint8Array };
};

/** Dollars per million: $0.15 in, $0.075 cached, $0.60 out. */
const miniPrice: PriceRow = {
  id: 'mini',
  provider: 'openai',
  model: 'gpt-4o-mini',
  validFrom: null,
  perMillion: {
    inputUncached: 150_000_000n,
    cacheRead: 75_000_000n,
    outputText: 600_000_000n,
    reasoning: 600_000_000n,
  },
};

/** What a vendor's front door stands on, in memory; spans are folded as the store folds them. */
export function fakeDoorWorld() {
  const fragments: Span[] = [];
  const rejected: Rejected[] = [];
  const told: TraceId[] = [];
  const scores = fakeScoreStore();
  const attachments = fakeAttachments();
  let nowNs = 1_800_000_000_000_000_000n;
  let random = 0;
  let away: Error | null = null;

  function folded(): Span[] {
    const groups = new Map<string, [Span, ...Span[]]>();
    for (const span of fragments) {
      const key = `${span.traceId} ${span.spanId}`;
      const group = groups.get(key);
      if (group) group.push(span);
      else groups.set(key, [span]);
    }
    return [...groups.values()]
      .map(foldSpan)
      .sort((a, b) => (a.startNs < b.startNs || (a.startNs === b.startNs && a.spanId < b.spanId) ? -1 : 1));
  }

  return {
    fragments,
    rejected,
    told,
    scores,
    attachments,
    folded,
    allScores: async (): Promise<Score[]> => (await scores.list(defaultProjectId, { limit: 1_000 })).data,
    goAway(error: Error | null) {
      away = error;
    },
    deps: {
      sink: {
        append: async (spans: Span[]) => {
          if (away) throw away;
          fragments.push(...spans);
        },
      },
      ledger: { reject: (item: Rejected) => void rejected.push(item) },
      spans: {
        spansOfTrace: async (_: unknown, id: TraceId) =>
          folded()
            .filter(({ traceId }) => traceId === id)
            .map((span) => ({ ...span, model: null, costNanoUsd: span.cost?.totalNanoUsd ?? null })),
      },
      prices: {
        find: ({ provider, models }: PriceAsk): PriceRow | null =>
          provider === 'openai' && models.some((model) => model.startsWith('gpt-4o-mini')) ? miniPrice : null,
      },
      scores,
      attachments,
      finder: fakeSpanFinder(fragments),
      wholeSpans: {
        async *ofTraces(_: unknown, ids: TraceId[]) {
          for (const id of ids) yield* folded().filter(({ traceId }) => traceId === id);
        },
      },
      feed: {
        publish: (event: { type: string; traceIds?: TraceId[] }) => void told.push(...(event.traceIds ?? [])),
      },
      clock: {
        now: () => {
          nowNs += 1_000_000n;
          return nowNs;
        },
      },
      random: {
        bytes: (count: number) => {
          random += 1;
          return new Uint8Array(count).fill(random);
        },
      },
      prompts: { answer: async () => ({ status: 404, body: {} }) },
      bodyLimit: 4 * 1024 * 1024,
      version: '0.0.0',
    },
  };
}

/** Requests that real clients made; `testing/fixtures` says which. */
export async function readRequests(file: string): Promise<RecordedRequest[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, '..', 'fixtures', file), 'utf8')) as RecordedRequest[];
}

/** The request as a door gets it. */
export function doorRequest(prefix: string, request: Partial<RecordedRequest> & { url: string }) {
  const url = new URL(request.url, 'http://localhost');
  const { body } = request;
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
  return {
    method: request.method ?? 'POST',
    path: url.pathname.slice(prefix.length),
    query: url.searchParams,
    origin: 'http://wheelhouse.test',
    headers: request.headers ?? {},
    by: {
      ...{ project: defaultProjectId, actor: 'test', role: 'editor' as const },
      ...{ key: null, person: null, team: null },
    },
    body: async () => bytes,
  };
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]): [string, unknown] => [key, plain(member)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Normal forms for files: big integers as text, members in order. */
export const plainJson = (value: unknown): string => `${JSON.stringify(plain(value), null, 2)}\n`;
