import type {
  AnswerCache,
  AnswerStore,
  CachedAnswer,
  CachePlan,
  KeptQuestion,
  NearAnswer,
} from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { KeptAnswers } from './kept-answers.ts';
import { candidatesOf, mostQuestions, nearestOf, QuestionRings, unitVector } from './kept-questions.ts';
import { type CachePolicies, createPlanner } from './plan-answer.ts';

export type CacheCounts = {
  hits: number;
  /** Of them for another question that asks the same. */
  semanticHits: number;
  misses: number;
  entries: number;
  bytes: number;
};
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

/** Questions with their vectors may take this part of the whole. */
const questionsPart = 4;

/** What comes of it, or null when that takes too long. */
function within<T>(waitMs: number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), waitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The answers used lately, in memory, up to a number of bytes. What is not there is asked of the store behind. */
export function createAnswerCache(options: AnswerCacheOptions): CountedCache {
  const { bytes: most, behind, nowMs } = options;
  let plan = createPlanner(options.policies);
  let hits = 0;
  let semanticHits = 0;
  let misses = 0;
  const rings = new QuestionRings(most / questionsPart);
  const answers = new KeptAnswers({ bytes: most, room: () => most - rings.bytes, nowMs });

  const nameOf = (project: ProjectId, key: string) => `${project}/${key}`;

  const find = (project: ProjectId, key: string): CachedAnswer | null | Promise<CachedAnswer | null> =>
    answers.find(project, key) ?? behind?.get(nameOf(project, key)) ?? null;

  async function nearest(
    project: ProjectId,
    { meaning }: CachePlan,
    vectorOf: () => Promise<Float32Array | null>,
  ): Promise<NearAnswer | null> {
    if (meaning === null) return null;
    const name = nameOf(project, meaning.within);
    const kept = behind === null ? rings.of(name) : await behind.questions(name);
    const candidates = candidatesOf(meaning, kept, nowMs());
    if (candidates.length === 0) return null;
    const given = await vectorOf();
    const vector = given === null ? null : unitVector(given);
    const found = vector === null ? null : nearestOf(vector, candidates);
    const answer = found === null ? null : await find(project, found.key);
    return found === null || answer === null ? null : { answer, similarity: found.similarity };
  }

  function place(project: ProjectId, { key, keepSeconds, meaning }: CachePlan, given: Float32Array): void {
    const vector = unitVector(given);
    if (vector === null || meaning === null || keepSeconds === null) return;
    const { said, content, within } = meaning;
    const question: KeptQuestion = { key, said, content, vector, untilMs: nowMs() + keepSeconds * 1_000 };
    const name = nameOf(project, within);
    if (behind === null) {
      rings.place(name, question);
      answers.makeRoom();
    } else behind.place(name, question, { ttlSeconds: keepSeconds, most: mostQuestions });
  }

  return {
    plan: (ask) => plan(ask),
    get(project, { key, meaning }) {
      const count = (answer: CachedAnswer | null) => {
        if (answer !== null) hits++;
        else if (meaning === null) misses++;
        return answer;
      };
      const found = find(project, key);
      return found instanceof Promise ? found.then(count) : count(found);
    },
    async nearest(project, given, vectorOf) {
      const waitMs = given.meaning?.waitMs ?? 0;
      const found = await within(waitMs, nearest(project, given, vectorOf)).catch(() => null);
      if (found === null) misses++;
      else {
        hits++;
        semanticHits++;
      }
      return found;
    },
    place,
    put(project, { key, keepSeconds }, _ask, answer) {
      if (keepSeconds === null) return;
      answers.keep(project, key, { answer, untilMs: nowMs() + keepSeconds * 1_000 });
      behind?.put(nameOf(project, key), answer, keepSeconds);
    },
    counts: () => ({ hits, semanticHits, misses, entries: answers.entries, bytes: answers.bytes + rings.bytes }),
    setPolicies(policies) {
      plan = createPlanner(policies);
    },
  };
}
