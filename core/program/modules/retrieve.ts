import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { FieldType } from '../field-type.ts';
import { compose, defineModule, type Module, type Passage, type Retriever, type Scope } from '../module.ts';
import {
  asSignature,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { reasoned } from './chain-of-thought.ts';
import { embedTexts, nearest } from './nearest.ts';
import { inParallel } from './parallel.ts';

/** @throws WheelhouseError `invalid_request` where the world has none */
function retrieverOf({ world, path }: Scope): Retriever {
  if (world.retriever) return world.retriever;
  throw new WheelhouseError('invalid_request', `\`${path || 'program'}\` retrieves, and there is no retriever.`, {
    param: 'retriever',
    hint: 'Give the world a retriever: memoryRetriever(passages, embedder), or your own.',
  });
}

/** Passages for a query: the best `k` of the world's retriever. */
export const retrieve = ({ k = 3 }: { k?: number } = {}): Module<{ query: string }, { passages: string[] }> =>
  defineModule<{ query: string }, { passages: string[] }>({
    async forward({ query }, scope) {
      const found = await retrieverOf(scope).retrieve(query, k, { signal: scope.world.signal });
      return { passages: found.slice(0, k).map(({ text }) => text) };
    },
  });

/** One list of several: scores of the same passage are added up, the best `k` stay; of equals the one that came first. */
export function fusePassages(lists: readonly (readonly Passage[])[], k: number): Passage[] {
  const sums = new Map<string, number>();
  for (const list of lists) for (const { text, score } of list) sums.set(text, (sums.get(text) ?? 0) + score);
  return [...sums]
    .map(([text, score]) => ({ text, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, k);
}

/** Passages for several queries at once: each brings three times as many as wanted, then they are fused. */
export const retrieveEnsemble = ({
  k = 3,
}: {
  k?: number;
} = {}): Module<{ queries: string[] }, { passages: string[] }> =>
  defineModule<{ queries: string[] }, { passages: string[] }>({
    async forward({ queries }, scope) {
      const retriever = retrieverOf(scope);
      const { signal } = scope.world;
      const lists = await inParallel(queries, (query) => retriever.retrieve(query, 3 * k, { signal }));
      return { passages: fusePassages(lists, k).map(({ text }) => text) };
    },
  });

/** Finds among passages in memory, exactly: the cosine of a query's vector with each passage's. They are embedded once. */
export function memoryRetriever(
  passages: readonly string[],
  from: { embedder: { embed: EmbedTexts }; model: string },
): Retriever {
  let vectors: Promise<number[][]> | null = null;
  return {
    async retrieve(query, k, { signal }) {
      vectors ??= embedTexts(from, passages, signal);
      const [known, [asked = []]] = await Promise.all([
        vectors.catch((error: unknown) => {
          vectors = null;
          throw error;
        }),
        embedTexts(from, [query], signal),
      ]);
      return nearest(asked, known, k).map(({ index, score }) => ({ text: passages[index] as string, score }));
    },
  };
}
type EmbedTexts = Parameters<typeof embedTexts>[0]['embedder']['embed'];

const texts: FieldType = { kind: 'list', of: { kind: 'text' } };

/**
 * Asks in hops: writes a query from what it knows so far, retrieves, and answers at the end from all that it found (Khattab
 * et al. 2022). The output has `context` beside the signature's.
 */
export function multiHop<const S extends SignatureLike>(
  of: S & Valid<S>,
  { hops = 2, k = 3 }: { hops?: number; k?: number } = {},
): Module<InputOf<S>, OutputOf<S> & { reasoning: string; context: string[] }> {
  const signature = asSignature(of);
  const context = fieldOf('context', texts, { description: 'may contain relevant facts' });
  const query = fieldOf('query', { kind: 'text' }, { description: 'a search query for what is still unknown' });
  const asking = {
    instructions: 'Write a search query that helps to answer.',
    inputs: [context, ...signature.inputs],
    outputs: [query],
  };
  type Answer = OutputOf<S> & { reasoning: string };
  const parts = {
    query: reasoned<JsonObject, { query: string }>(asking),
    retrieve: retrieve({ k }),
    answer: reasoned<JsonObject, Answer>(insertField(signature, 'inputs', context, 0)),
  };
  return compose(parts, async (input: InputOf<S>, bound) => {
    let found: string[] = [];
    for (let hop = 0; hop < hops; hop++) {
      const asked = await bound.query({ context: found, ...(input as unknown as JsonObject) });
      const { passages } = await bound.retrieve({ query: asked.query });
      found = [...new Set([...found, ...passages])];
    }
    const answer = await bound.answer({ context: found, ...(input as unknown as JsonObject) });
    return { ...answer, context: found };
  });
}
