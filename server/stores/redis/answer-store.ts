import type { AnswerStore, CachedAnswer, KeptQuestion } from '@wheelhouse/core/ports';
import type { Redis } from 'ioredis';

const answerPrefix = 'wheelhouse:answer:';
const questionsPrefix = 'wheelhouse:questions:';
/** A question that is kept for a shorter time does not take the others of its list along. */
const leastSeconds = 3_600;

/** Length of the head, its JSON, then bytes as they are. */
function pack(head: object, bytes: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, bytes]);
}

function unpack<Head>(packed: Buffer): { head: Head; bytes: Buffer } {
  const end = 4 + packed.readUInt32BE();
  return { head: JSON.parse(packed.toString('utf8', 4, end)) as Head, bytes: packed.subarray(end) };
}

function unpackQuestion(packed: Buffer): KeptQuestion {
  const { head, bytes } = unpack<Omit<KeptQuestion, 'vector'>>(packed);
  // Numbers begin where the machine wants them to only in a copy.
  return { ...head, vector: new Float32Array(new Uint8Array(bytes).buffer) };
}

/** Answers for all replicas. While Redis is away nothing is found and nothing kept. */
export function createRedisAnswers(redis: Redis): AnswerStore {
  return {
    async get(name) {
      const packed = await redis.getBuffer(answerPrefix + name).catch(() => null);
      if (packed === null) return null;
      const { head, bytes } = unpack<Omit<CachedAnswer, 'body'>>(packed);
      return { ...head, body: bytes };
    },
    put(name, { body, ...head }, ttlSeconds) {
      redis.set(answerPrefix + name, pack(head, body), 'EX', ttlSeconds).catch(() => {});
    },
    async questions(name) {
      const packed = await redis.lrangeBuffer(questionsPrefix + name, 0, -1).catch(() => []);
      return packed.map(unpackQuestion);
    },
    place(name, { vector, ...head }, { ttlSeconds, most }) {
      const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
      const list = questionsPrefix + name;
      redis
        .multi()
        .lpush(list, pack(head, bytes))
        .ltrim(list, 0, most - 1)
        .expire(list, Math.max(ttlSeconds, leastSeconds))
        .exec()
        .catch(() => {});
    },
  };
}
