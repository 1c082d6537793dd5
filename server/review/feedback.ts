import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handlers, reviewSchemas } from '@wheelhouse/core/contract';
import type { Clock, FeedbackKeyStore, LiveFeed, Random, ScoreStore, SpanFinder } from '@wheelhouse/core/ports';
import {
  type FeedbackKeyId,
  idRandomBytes,
  nanosToMs,
  newId,
  parseExactJson,
  parseTraceId,
  type Score,
  type ScoreId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type FeedbackDeps = {
  keys: FeedbackKeyStore;
  finder: Pick<SpanFinder, 'hasTrace'>;
  scores: Pick<ScoreStore, 'put'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  /** 43 letters and digits by chance, behind the prefix. */
  newSecret(prefix: string): string;
};
type ActiveKey = Awaited<ReturnType<FeedbackKeyStore['active']>>[number];

const bodyLimit = 16 * 1_024;
const keysLastMs = 3_000;
/** In a minute, of one key and from one address. */
const mostOfKey = 1_200;
const mostOfAddress = 60;
const addressesKept = 50_000;

/** Public keys: made, listed and revoked. */
export function createFeedbackHandlers({
  keys,
  clock,
  random,
  newSecret,
}: FeedbackDeps): Handlers<'listFeedbackKeys' | 'createFeedbackKey' | 'revokeFeedbackKey'> {
  return {
    listFeedbackKeys: async ({ by }) => ({ data: await keys.list(by.project) }),
    createFeedbackKey: ({ by, body }) => {
      const id = newId('fk', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      return keys.create(by, { ...body, id, key: newSecret('pk_') });
    },
    async revokeFeedbackKey({ by, params }) {
      const revoked = await keys.revoke(by, params.keyId as FeedbackKeyId);
      if (revoked) return revoked;
      throw new WheelhouseError('not_found', `There is no feedback key \`${params.keyId.slice(0, 80)}\`.`, {
        hint: 'GET /api/v1/feedback/keys lists them.',
      });
    },
  };
}

/** Counts what came within the minute; anybody may call here, so it must stay small. */
function createMinutes(nowMs: () => number) {
  let [minute, counts] = [0, new Map<string, number>()];
  return (subject: string, most: number): void => {
    const now = Math.floor(nowMs() / 60_000);
    if (now !== minute || counts.size > addressesKept) [minute, counts] = [now, new Map()];
    const count = (counts.get(subject) ?? 0) + 1;
    counts.set(subject, count);
    if (count > most) throw new WheelhouseError('rate_limited', 'That is too much feedback within a minute.');
  };
}

async function readText(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of req as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bodyLimit) throw new WheelhouseError('body_too_large', `Feedback takes ${bodyLimit} bytes at most.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parse(text: string) {
  let body: unknown;
  try {
    body = parseExactJson(text);
  } catch (cause) {
    throw new WheelhouseError('invalid_json', 'The request body is not JSON.', { cause });
  }
  const result = reviewSchemas.newFeedback.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') || 'body';
  throw new WheelhouseError('invalid_request', `\`${param}\` is not right: ${issue?.message}.`, { param });
}

/**
 * What users say, from any page. Nothing here asks who they are: the key says for which project it is, and can write scores
 * of traces that are there, by their ids, which nobody guesses. One trace has one score of a name, the newest.
 */
export function createFeedbackDoor(deps: FeedbackDeps) {
  const { keys, finder, scores, feed, clock } = deps;
  const nowMs = () => Math.floor(nanosToMs(clock.now()));
  const count = createMinutes(nowMs);
  let known: { byKey: Map<string, ActiveKey>; at: number } | null = null;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const active = await keys.active();
    known = { byKey: new Map(active.map((key) => [key.key, key])), at: nowMs() };
  }

  /** Whoever sends keys that do not exist costs a look at the store every few seconds, and no more. */
  async function find(key: string): Promise<ActiveKey | undefined> {
    if (known === null || nowMs() - known.at >= keysLastMs) {
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    }
    return known?.byKey.get(key);
  }

  async function take(req: IncomingMessage, address: string): Promise<void> {
    count(`from ${address}`, mostOfAddress);
    const { key: given, traceId: id, name, value, comment } = parse(await readText(req));
    const key = await find(given);
    if (!key)
      throw new WheelhouseError('unauthorized', 'This is no feedback key of this server, or it was revoked.', {
        hint: 'Make one: POST /api/v1/feedback/keys.',
      });
    count(key.id, mostOfKey);
    const { origin } = req.headers;
    if (key.origins.length > 0 && (origin === undefined || !key.origins.includes(origin)))
      throw new WheelhouseError('forbidden_origin', `Pages of \`${origin ?? 'nowhere'}\` may not use this key.`);
    if (!key.scores.includes(name))
      throw new WheelhouseError('forbidden', `This key may not write scores named \`${name}\`.`, { param: 'name' });
    const traceId = parseTraceId(id) ?? (id as TraceId);
    if (!(await finder.hasTrace(key.project, traceId)))
      throw new WheelhouseError('not_found', `There is no trace \`${id}\` yet.`, { param: 'traceId' });
    const score: Score = {
      id: `feedback:${name}` as ScoreId,
      ...{ traceId, spanId: null, sessionId: null, name, value, comment: comment ?? null },
      ...{ metadata: { feedbackKey: key.id }, source: 'user', createdAt: new Date(nowMs()).toISOString() },
    };
    await scores.put(key.project, [score]);
    feed.publish({ type: 'scores', project: key.project, traceIds: [traceId] });
  }

  /** Pages of anywhere may call: the key decides, and no cookie is looked at. */
  return async (req: IncomingMessage, res: ServerResponse, address: string): Promise<void> => {
    res.setHeader('access-control-allow-origin', '*');
    if (req.method === 'OPTIONS') {
      res.writeHead(204, {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '86400',
      });
      res.end();
      return;
    }
    if (req.method !== 'POST') throw new WheelhouseError('method_not_allowed', `Feedback does not take ${req.method}.`);
    await take(req, address);
    res.writeHead(204);
    res.end();
  };
}
