import {
  type Content,
  isJsonObject,
  type Json,
  type JsonObject,
  type RetrievedDocument,
  type SpanKind,
  type SpanStatus,
  type ToolCall,
  type Usage,
} from '../../records/index.ts';
import { jsonOrText, listOf, numberOf, objectsOf, textOf } from '../json-value.ts';
import type { OtlpSpan } from '../otlp-span.ts';

/** What a dialect knows of a span, beside what every span has. Usage is read for spans that are calls themselves. */
export type DialectFields = {
  kind: SpanKind;
  /** What the span itself says when null. */
  status: SpanStatus | null;
  statusMessage: string | null;
  provider: string | null;
  requestModel: string | null;
  responseModel: string | null;
  responseId: string | null;
  params: JsonObject;
  finishReasons: string[];
  input: Content | null;
  output: Content | null;
  toolDefinitions: Json;
  toolCall: ToolCall | null;
  documents: RetrievedDocument[];
  usage: Usage | null;
  /** Dollars. */
  emitterCost: number | null;
  /** From the start of the span. */
  firstTokenSeconds: number | null;
  sessionId: string | null;
  userId: string | null;
  /** What the resource says when null. */
  environment: string | null;
  release: string | null;
  tags: string[];
  metadata: JsonObject;
};

/** One way in which instrumentations write spans. */
export type Dialect = {
  name: string;
  /** Whether the span is written in it; the first dialect that says so reads it. */
  speaks(span: OtlpSpan): boolean;
  /** @param under reads what the dialect builds on, as the next one that speaks does */
  read(span: OtlpSpan, under: () => DialectFields): DialectFields;
};

/** What any span says of itself. */
export const bareFields = (attributes: JsonObject): DialectFields => ({
  kind: 'span',
  status: null,
  statusMessage: null,
  provider: null,
  requestModel: null,
  responseModel: null,
  responseId: null,
  params: {},
  finishReasons: [],
  input: null,
  output: null,
  toolDefinitions: null,
  toolCall: null,
  documents: [],
  usage: null,
  emitterCost: null,
  firstTokenSeconds: null,
  sessionId: textOf(attributes['session.id']),
  userId: textOf(attributes['user.id']) ?? textOf(attributes['enduser.id']),
  environment: null,
  release: null,
  tags: [],
  metadata: {},
});

/** Members whose key has the prefix, under the rest of the key. */
export function membersWithPrefix(attributes: JsonObject, prefix: string, without: readonly string[] = []): JsonObject {
  const members: [string, Json][] = [];
  for (const key in attributes) {
    if (!key.startsWith(prefix) || key.length === prefix.length) continue;
    const name = key.slice(prefix.length);
    if (!without.includes(name)) members.push([name, attributes[key] ?? null]);
  }
  // fromEntries makes even `__proto__` a plain member.
  return Object.fromEntries(members);
}

/** Every span is asked this by every dialect: a list of its keys each time would cost more than the rest. */
export function hasPrefix(attributes: JsonObject, prefix: string): boolean {
  for (const key in attributes) if (key.startsWith(prefix)) return true;
  return false;
}

/**
 * A list that is written flat, `{prefix}{n}.{name}`, as its items in the order of n; numbers are only compared, so that a
 * huge one costs nothing.
 */
export function flatItems(attributes: JsonObject, prefix: string): JsonObject[] {
  const items = new Map<number, [string, Json][]>();
  for (const key in attributes) {
    if (!key.startsWith(prefix)) continue;
    const dot = key.indexOf('.', prefix.length);
    const number = dot === -1 ? '' : key.slice(prefix.length, dot);
    if (!/^\d{1,15}$/.test(number)) continue;
    const item = items.get(Number(number)) ?? [];
    item.push([key.slice(dot + 1), attributes[key] ?? null]);
    items.set(Number(number), item);
  }
  return [...items].sort(([a], [b]) => a - b).map(([, members]) => Object.fromEntries(members));
}

/** The first of the attributes that is a text. */
export const firstText = (attributes: JsonObject, ...names: string[]): string | null => {
  for (const name of names) {
    const text = textOf(attributes[name]);
    if (text !== null) return text;
  }
  return null;
};

/** The JSON object that an attribute holds or writes; `{}` when it is none. */
export function objectOf(value: Json | undefined): JsonObject {
  const json = jsonOrText(value ?? null);
  return isJsonObject(json) ? json : {};
}

/** A list of texts, also as JSON or divided by commas. */
export function textsOf(value: Json | undefined): string[] {
  const json = jsonOrText(value ?? null);
  if (Array.isArray(json)) return json.filter((item) => typeof item === 'string' && item !== '') as string[];
  return typeof json === 'string' ? json.split(',').flatMap((item) => textOf(item.trim()) ?? []) : [];
}

export const jsonContent = (value: Json | undefined): Content | null => {
  const json = jsonOrText(value ?? null);
  return json === null || json === '' ? null : { type: 'json', value: json };
};

const withoutMembers = (value: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)));

/** Documents in the words of any framework: text under `content`, `text`, `page_content` or `document`. */
export function readDocuments(value: Json | undefined): RetrievedDocument[] {
  const json = jsonOrText(value ?? null);
  return objectsOf(isJsonObject(json) ? json.documents : json).map((document): RetrievedDocument => {
    const given = isJsonObject(document.kwargs) ? document.kwargs : document;
    const content = ['content', 'page_content', 'pageContent', 'text', 'document'].find(
      (name) => typeof given[name] === 'string' && given[name] !== '',
    );
    const metadata = jsonOrText(given.metadata ?? null);
    const rest = withoutMembers(given, ['id', 'score', 'metadata', ...(content === undefined ? [] : [content])]);
    const own = isJsonObject(metadata) ? metadata : {};
    const id = given.id ?? own.doc_id ?? own.chunk_id ?? null;
    return {
      id: typeof id === 'number' ? String(id) : textOf(id),
      content: content === undefined ? null : textOf(given[content]),
      score: numberOf(given.score ?? own.score),
      metadata: given === document ? { ...rest, ...own } : own,
    };
  });
}

/** A call of a tool, when the span is one and names it. */
export function toolCallOf(name: string | null, call: { id?: string | null; arguments?: Json; result?: Json }) {
  if (name === null) return null;
  return {
    id: call.id ?? null,
    name,
    arguments: jsonOrText(call.arguments ?? null),
    result: jsonOrText(call.result ?? null),
  };
}

export const finishReasonsOf = (value: Json | undefined, read: (reason: string) => string): string[] =>
  listOf(typeof value === 'string' ? textsOf(value) : value).flatMap((reason) =>
    typeof reason === 'string' && reason !== '' ? read(reason) : [],
  );
