import type { AnswerCache, AnswerStore, CachedAnswer } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { type CachePolicies, createPlanner } from './plan-answer.ts';

export type CacheCounts = { hits: number; misses: number; entries: number; bytes: number };
export type CountedCache = AnswerCache & {
  counts(): CacheCounts;
  /** From the next call on. */
  setPolicies(policies: CachePolicies): void;
};

export type AnswerCacheOptions = {
  policies: CachePolicies;
  /** What all answers in memory may take. */
  bytes: number;
  /** Shared by replicas; null: there is none. */
  behind: AnswerStore | null;
  nowMs(): number;
};

/** An answer that takes more of the whole than this part is not kept in memory. */
const largestPart = 8;
/** What an entry takes beside its body, about. */
const entryBytes = 512;

type Entry = { answer: CachedAnswer; untilMs: number; bytes: number };

/** The answers used last, in memory, up to a number of bytes. What is not there is asked of the store behind. */
export function createAnswerCache(options: AnswerCacheOptions): CountedCache {
  const { bytes: most, behind, nowMs } = options;
  let plan = createPlanner(options.policies);
  // In the order of their last use.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let hits = 0;
  let misses = 0;

  function drop(name: string, entry: Entry): void {
    entries.delete(name);
    bytes -= entry.bytes;
  }

  function keep(name: string, answer: CachedAnswer, untilMs: number): void {
    const size = answer.body.byteLength + entryBytes;
    const before = entries.get(name);
    if (before) drop(name, before);
    if (size > most / largestPart) return;
    entries.set(name, { answer, untilMs, bytes: size });
    bytes += size;
    for (const [oldest, entry] of entries) {
      if (bytes <= most) break;
      drop(oldest, entry);
    }
  }

  function count(found: CachedAnswer | null): CachedAnswer | null {
    if (found) hits++;
    else misses++;
    return found;
  }

  const nameOf = (project: ProjectId, key: string) => `${project}/${key}`;
  return {
    plan: (ask) => plan(ask),
    get(project, { key }) {
      const name = nameOf(project, key);
      const entry = entries.get(name);
      if (entry) {
        drop(name, entry);
        if (nowMs() < entry.untilMs) {
          entries.set(name, entry);
          bytes += entry.bytes;
          return count(entry.answer);
        }
      }
      return behind === null ? count(null) : behind.get(name).then(count);
    },
    put(project, { key, keepSeconds }, _ask, answer) {
      if (keepSeconds === null) return;
      const name = nameOf(project, key);
      keep(name, answer, nowMs() + keepSeconds * 1_000);
      behind?.put(name, answer, keepSeconds);
    },
    counts: () => ({ hits, misses, entries: entries.size, bytes }),
    setPolicies(policies) {
      plan = createPlanner(policies);
    },
  };
}
