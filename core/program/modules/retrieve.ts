import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { FieldType } from '../field-type.ts';
import { readLooseJson } from '../loose-json.ts';
import { compose, defineModule, type Module, type Passage, type Retriever, type Scope, sandboxOf } from '../module.ts';
import {
  asSignature,
  type Field,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { reasoned } from './chain-of-thought.ts';
import { embedTexts, nearest } from './nearest.ts';
import { inParallel } from './parallel.ts';
import { isTooLong } from './predict.ts';

/**
 * What finds passages in place of the world's retriever: a model by its name, or JavaScript for the world's sandbox. Either is
 * given `{ query, k }` and gives passages, the best first: texts, or objects with `text`, as a list or as `passages`.
 */
export type RetrieveFrom = { model: string } | { code: string };

function passagesIn(value: Json | undefined): Passage[] {
  const list = isJsonObject(value ?? null) ? (value as JsonObject).passages : value;
  const found = Array.isArray(list)
    ? list.flatMap((one, i): Passage[] => {
        const text = isJsonObject(one) ? one.text : one;
        const score = isJsonObject(one) && typeof one.score === 'number' ? one.score : 1 / (i + 1);
        return typeof text === 'string' ? [{ text, score }] : [];
      })
    : [];
  if (Array.isArray(list) && found.length === list.length) return found;
  const said = JSON.stringify(value ?? null).slice(0, 300);
  throw new WheelhouseError('answer_unreadable', `What was asked for passages gave no list of texts: ${said}`);
}

function retrieverFrom(from: RetrieveFrom, { world, path }: Scope): Retriever {
  return {
    async retrieve(query, k, { signal }) {
      const input = { query, k };
      if ('code' in from)
        return passagesIn(await sandboxOf(world, 'A search that is code').run(from.code, input, signal));
      const outcome = await world.runner.run(from.model, { messages: [], variables: input }, { signal, asker: path });
      if (!outcome.ok) throw new WheelhouseError(outcome.code ?? 'upstream_failed', outcome.error);
      return passagesIn(readLooseJson(outcome.text));
    },
  };
}

/** @throws WheelhouseError `invalid_request` where nothing is named and the world has none */
function retrieverOf(from: RetrieveFrom | undefined, scope: Scope): Retriever {
  const { world, path } = scope;
  if (from) return retrieverFrom(from, scope);
  if (world.retriever) return world.retriever;
  throw new WheelhouseError('invalid_request', `\`${path || 'program'}\` retrieves, and there is no retriever.`, {
    param: 'retriever',
    hint: 'Give the world a retriever: memoryRetriever(passages, embedder), or your own.',
  });
}

type RetrieveOptions = { k?: number; from?: RetrieveFrom };
export const passagesField = (name: string): Field => fieldOf(name, { kind: 'list', of: { kind: 'text' } });

/** Passages for a query: the best `k`. */
export const retrieve = ({ k = 3, from }: RetrieveOptions = {}): Module<{ query: string }, { passages: string[] }> =>
  defineModule<{ query: string }, { passages: string[] }>({
    data: from ? { module: 'retrieve', k, from } : null,
    async forward({ query }, scope) {
      const found = await retrieverOf(from, scope).retrieve(query, k, { signal: scope.world.signal });
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
  from,
}: RetrieveOptions = {}): Module<{ queries: string[] }, { passages: string[] }> =>
  defineModule<{ queries: string[] }, { passages: string[] }>({
    data: from ? { module: 'retrieve-ensemble', k, from } : null,
    async forward({ queries }, scope) {
      const retriever = retrieverOf(from, scope);
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

/** Asks with passages, and where that is too long for the model, with the newer half of them. */
async function askWith<T>(passages: readonly string[], ask: (context: readonly string[]) => Promise<T>): Promise<T> {
  try {
    return await ask(passages);
  } catch (error) {
    if (!isTooLong(error) || passages.length === 0) throw error;
    return askWith(passages.slice(Math.ceil(passages.length / 2)), ask);
  }
}

/**
 * Asks in hops: writes a query from what it knows so far, retrieves, and answers at the end from all that it found (Khattab
 * et al. 2022). The output has `context` beside the signature's. What is too long for the model is asked with the newer
 * passages.
 */
export function multiHop<const S extends SignatureLike>(
  of: S & Valid<S, 'reasoning' | 'context'>,
  { hops = 2, k = 3, from }: RetrieveOptions & { hops?: number } = {},
): Module<InputOf<S>, OutputOf<S> & { reasoning: string; context: string[] }> {
  const signature = asSignature(of);
  const context = fieldOf('context', texts, { description: 'may contain relevant facts' });
  const name = signature.inputs.some((field) => field.name === 'query') ? 'search_query' : 'query';
  const query = fieldOf(name, { kind: 'text' }, { description: 'a search query for what is still unknown' });
  const asking = {
    instructions: 'Write a search query that helps to answer.',
    inputs: [context, ...signature.inputs],
    outputs: [query],
  };
  type Answer = OutputOf<S> & { reasoning: string };
  const parts = {
    query: reasoned<JsonObject, Record<string, string>>(asking),
    retrieve: retrieve({ k, ...(from ? { from } : {}) }),
    answer: reasoned<JsonObject, Answer>(insertField(signature, 'inputs', context, 0)),
  };
  const program = compose(parts, async (input: InputOf<S>, bound) => {
    const given = input as unknown as JsonObject;
    let found: string[] = [];
    for (let hop = 0; hop < hops; hop++) {
      const asked = await askWith(found, (context) => bound.query({ context: [...context], ...given }));
      const { passages } = await bound.retrieve({ query: asked[name] ?? '' });
      found = [...new Set([...found, ...passages])];
    }
    const answer = await askWith(found, (context) => bound.answer({ context: [...context], ...given }));
    return { ...answer, context: found };
  });
  const said = from ? signatureData(signature) : null;
  return { ...program, data: said && from ? { module: 'multi-hop', signature: said, hops, k, from } : null };
}
