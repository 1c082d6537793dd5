import type { AnswerStore, CachedAnswer } from '@wheelhouse/core/ports';
import type { Redis } from 'ioredis';

const prefix = 'wheelhouse:answer:';

/** Length of the head, its JSON, then the body's own bytes. */
function pack({ body, ...head }: CachedAnswer): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

function unpack(bytes: Buffer): CachedAnswer {
  const end = 4 + bytes.readUInt32BE();
  const head = JSON.parse(bytes.toString('utf8', 4, end)) as Omit<CachedAnswer, 'body'>;
  return { ...head, body: bytes.subarray(end) };
}

/** Answers for all replicas. While Redis is away nothing is found and nothing kept. */
export function createRedisAnswers(redis: Redis): AnswerStore {
  return {
    async get(name) {
      const bytes = await redis.getBuffer(prefix + name).catch(() => null);
      return bytes === null ? null : unpack(bytes);
    },
    put(name, answer, ttlSeconds) {
      redis.set(prefix + name, pack(answer), 'EX', ttlSeconds).catch(() => {});
    },
  };
}
