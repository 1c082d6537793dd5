import type { Content, Json, JsonObject, RetrievedDocument, SpanKind, ToolCall, Usage } from '../../records/index.ts';
import type { OtlpSpan } from '../otlp-span.ts';

/** What a dialect knows of a span, beside what every span has. Usage is read for spans that are calls themselves. */
export type DialectFields = {
  kind: SpanKind;
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
  tags: string[];
  metadata: JsonObject;
};

/** One way in which instrumentations write spans. */
export type Dialect = {
  name: string;
  /** Whether the span is written in it; the first dialect that says so reads it. */
  speaks(span: OtlpSpan): boolean;
  read(span: OtlpSpan): DialectFields;
};

/** Members whose key has the prefix, under the rest of the key. */
export function membersWithPrefix(attributes: JsonObject, prefix: string, without: readonly string[] = []): JsonObject {
  // fromEntries makes even `__proto__` a plain member.
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
      .map(([key, value]): [string, Json] => [key.slice(prefix.length), value])
      .filter(([key]) => !without.includes(key)),
  );
}
