import { isJsonObject, type Json, type Span } from '../records/index.ts';
import type { ScoringTarget } from './scorer-kind.ts';

/** What is at a dotted place such as `rag.contexts`; undefined: nothing is. */
export function valueAt(value: Json, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path.split('.')) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

const contentOf = (one: Json): string | null => {
  if (typeof one === 'string') return one;
  if (!isJsonObject(one)) return null;
  const text = one.content ?? one.text ?? one.page_content;
  return typeof text === 'string' ? text : null;
};

/** Texts of a list of texts or of documents with `content`; null: it is none. */
function textsIn(value: Json): string[] | null {
  const texts = (Array.isArray(value) ? value : [value]).map(contentOf);
  return texts.every((text) => text !== null) ? (texts as string[]) : null;
}

const retrieved = (spans: readonly Span[]) => {
  const reranked = spans.filter(({ kind, documents }) => kind === 'reranker' && documents.length > 0);
  const found = spans.filter(({ kind, documents }) => kind === 'retriever' && documents.length > 0);
  return (reranked.length > 0 ? reranked.slice(-1) : found).flatMap(({ documents }) => documents);
};

/** Documents that the traced retrievers gave, in their order; those of the last reranker, where one went over them. */
export const retrievedDocuments = async ({ spans }: ScoringTarget) => (spans === null ? [] : retrieved(await spans()));

/**
 * The passages that an answer was made of: of the metadata at `path`, else what the trace's retrievers gave.
 * A text says why there are none.
 */
export async function contextsOf(target: ScoringTarget, path: string): Promise<string[] | string> {
  const given = valueAt(target.metadata, path);
  if (given !== undefined && given !== null) {
    const texts = textsIn(given);
    if (texts === null) return `\`${path}\` of the metadata is no text, list of texts or list of documents`;
    if (texts.length > 0) return texts;
  }
  const texts = (await retrievedDocuments(target)).flatMap(({ content }) => content ?? []);
  return texts.length > 0
    ? texts
    : `no passages: neither \`${path}\` of the metadata nor a retriever of the trace has any`;
}
