import type { CacheAsk, CachePlan, Meaning } from '@wheelhouse/core/ports';
import { cacheKey, questionsKey, setApart } from './cache-key.ts';
import { questionFacts } from './question-facts.ts';

/** Where an answer serves other questions too, because they ask the same. */
export type SemanticPolicy = {
  /** The model, as callers name it, that turns questions into vectors. */
  embedder: string;
  /** The least cosine of two questions; where they use other words, a third of its distance from 1 is allowed. */
  threshold: number;
  /** Who shares answers: all of the project, the calls of one key, or those for one end user. */
  scope: 'project' | 'key' | 'user';
  /** How long a call may wait for the vector of its question. */
  waitMs: number;
};

/** How long answers of a model or route are kept, and which. */
export type CachePolicy = {
  ttlSeconds: number;
  /** Also answers that would come out otherwise the next time; false: only of calls with temperature 0, and embeddings. */
  anyTemperature: boolean;
  /** `loose`: also for a last message that differs in politeness, articles and final punctuation alone. */
  wording: 'exact' | 'loose';
  /** null: only the same question finds an answer. */
  semantic: SemanticPolicy | null;
};

/** By the name that callers use, of a model or a route; a * at its end stands for any ending. The longest name wins. */
export type CachePolicies = Readonly<Record<string, CachePolicy>>;

function finder(policies: CachePolicies): (name: string) => CachePolicy | null {
  const exact = new Map(Object.entries(policies).filter(([name]) => !name.endsWith('*')));
  const prefixes = Object.entries(policies)
    .filter(([name]) => name.endsWith('*'))
    .map(([name, policy]) => [name.slice(0, -1), policy] as const)
    .sort(([a], [b]) => b.length - a.length);
  return (name) => exact.get(name) ?? prefixes.find(([prefix]) => name.startsWith(prefix))?.[1] ?? null;
}

const sharers: Record<SemanticPolicy['scope'], (ask: CacheAsk) => string | null> = {
  project: () => '',
  key: ({ by }) => by.key,
  user: ({ user }) => user,
};

/** null where nobody is named to share with, or the question is none whose words are known. */
function planMeaning(ask: CacheAsk, { embedder, threshold, scope, waitMs }: SemanticPolicy): Meaning | null {
  const sharer = sharers[scope](ask);
  const apart = sharer === null ? null : setApart(ask.body);
  const found = apart === null ? null : questionFacts(apart.question);
  if (sharer === null || apart === null || found === null) return null;
  const { facts, said, content } = found;
  const within = questionsKey(ask, apart, [embedder, scope, sharer, facts]);
  return { embedder, question: apart.question, waitMs, within, said, content, threshold };
}

/**
 * What the cache has to do with a call. A caller says less with `x-wheelhouse-cache`, in the words of HTTP's
 * Cache-Control, and never more than the policy: `no-store` keeps out of the cache, `no-cache` asks anew, `max-age` keeps
 * for a shorter time.
 */
export function createPlanner(policies: CachePolicies): (ask: CacheAsk) => CachePlan | null {
  const policyOf = finder(policies);
  return (ask) => {
    const policy = policyOf(ask.model) ?? (ask.route === null ? null : policyOf(ask.route));
    if (policy === null) return null;
    if (!policy.anyTemperature && ask.dialect !== 'embeddings' && ask.body.temperature !== 0) return null;
    const words = ask.wish?.split(',').map((word) => word.trim().toLowerCase()) ?? [];
    if (words.includes('no-store')) return null;
    const age = words.map((word) => /^max-age=(\d{1,9})$/.exec(word)?.[1]).find((found) => found !== undefined);
    const seconds = age === undefined ? policy.ttlSeconds : Math.min(Number(age), policy.ttlSeconds);
    const wording = ask.dialect === 'embeddings' ? 'exact' : policy.wording;
    return {
      key: cacheKey(ask, wording),
      read: !words.includes('no-cache'),
      keepSeconds: seconds > 0 ? seconds : null,
      meaning: policy.semantic === null || ask.dialect === 'embeddings' ? null : planMeaning(ask, policy.semantic),
    };
  };
}
