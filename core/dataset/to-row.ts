import { isJsonObject, type Json, type JsonObject, type NewRow } from '../records/index.ts';
import { valueAt } from './paths.ts';

/** Which fields of a record are what. Several fields make an object of them; `*` are all that are not used. */
export type RowMapping = {
  input: string[];
  expected: string[];
  metadata: string[];
  tags: string | null;
  split: string | null;
  weight: string | null;
};

/** A row, with where it came from when it says so, or why it is none. */
export type MappedRow = { row: NewRow; trace: { traceId: string; spanId: string } | null };

const inputNames = ['input', 'question', 'prompt', 'query', 'instruction', 'text'];
const expectedNames = [
  ...['expected', 'expected_output', 'expectedOutput', 'ideal', 'reference', 'answer', 'output', 'completion'],
  ...['response', 'target', 'label'],
];

const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function sortedTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))].sort();
}

function tagsOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  return sortedTags(Array.isArray(value) ? value.map(text) : text(value).split(','));
}

function splitOf(value: Json | undefined): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === null || text(first).trim() === '' ? null : text(first).trim().slice(0, 100);
}

function weightOf(value: Json | undefined): number | string {
  if (value === undefined || value === null || value === '') return 1;
  const weight = Number(value);
  return Number.isFinite(weight) && weight >= 0 ? weight : `Its weight ${JSON.stringify(value)} is no number from 0.`;
}

const metadataOf = (value: Json | undefined): JsonObject => {
  if (value === undefined || value === null || value === '') return {};
  return isJsonObject(value) ? value : { metadata: value };
};

type Parts = {
  input: Json | undefined;
  expected: Json | undefined;
  metadata: JsonObject;
  tags?: Json | undefined;
  split?: Json | undefined;
  weight?: Json | undefined;
};

function build(parts: Parts, trace: MappedRow['trace'] = null): MappedRow | string {
  if (parts.input === undefined || parts.input === null || parts.input === '') return 'It has no input.';
  const weight = weightOf(parts.weight);
  if (typeof weight === 'string') return weight;
  return {
    row: {
      input: parts.input,
      expected: parts.expected ?? null,
      metadata: parts.metadata,
      tags: tagsOf(parts.tags),
      split: splitOf(parts.split),
      weight,
    },
    trace,
  };
}

const without = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** The text of an assistant's message, or the message itself where it is more than text. */
const answerOf = (message: Json | undefined): Json => {
  if (!isJsonObject(message)) return message ?? null;
  const plain = typeof message.content === 'string' && message.tool_calls === undefined;
  return plain ? (message.content as string) : message;
};

/** OpenAI's lines for fine-tuning: the conversation up to the last answer, and that answer. */
function fromChat(record: JsonObject, messages: Json[]): MappedRow | string {
  const last = messages.at(-1);
  const isAnswered = isJsonObject(last) && last.role === 'assistant';
  const rest = isAnswered ? messages.slice(0, -1) : messages;
  if (rest.length === 0) return 'It has no message before the answer.';
  return build({
    input: { messages: rest },
    expected: isAnswered ? answerOf(last) : null,
    ...ownOf(record, ['messages']),
  });
}

/** OpenAI's lines of preference: the answer that was preferred is the expected one. */
function fromPreference(record: JsonObject): MappedRow | string {
  const preferred = record.preferred_output;
  const expected = answerOf(Array.isArray(preferred) ? preferred.at(-1) : preferred);
  return build({ input: record.input, expected, ...ownOf(record, ['input', 'preferred_output']) });
}

/** LangSmith: values by name; an output of one text is that text. */
function fromLangSmith(record: JsonObject): MappedRow | string {
  const outputs = record.outputs ?? record.reference_outputs;
  const values = isJsonObject(outputs) ? Object.values(outputs) : [];
  const expected = values.length === 1 && typeof values[0] === 'string' ? values[0] : outputs;
  const metadata = metadataOf(record.metadata);
  return build({
    input: record.inputs,
    expected,
    metadata: without(metadata, ['dataset_split']),
    split: record.split ?? metadata.dataset_split,
    tags: record.tags,
  });
}

/** Langfuse: items of a dataset, as its API and its exports give them. */
function fromLangfuse(record: JsonObject): MappedRow | string {
  const [traceId, spanId] = [
    record.sourceTraceId ?? record.source_trace_id,
    record.sourceObservationId ?? record.source_observation_id,
  ];
  const isArchived = record.status === 'ARCHIVED';
  return build(
    {
      input: record.input,
      expected: record.expectedOutput ?? record.expected_output,
      metadata: metadataOf(record.metadata),
      tags: isArchived ? ['archived'] : [],
    },
    typeof traceId === 'string' && typeof spanId === 'string' ? { traceId, spanId } : null,
  );
}

const ownNames = ['metadata', 'tags', 'split', 'weight', 'id', 'hash', 'source', 'erasedAt'];

/** What a record says beside input and expected; members of no meaning here become metadata. */
function ownOf(record: JsonObject, used: readonly string[]) {
  return {
    metadata: { ...without(record, [...used, ...ownNames]), ...metadataOf(record.metadata) },
    ...{ tags: record.tags, split: record.split, weight: record.weight },
  };
}

function sourceOf(record: JsonObject): MappedRow['trace'] {
  const { source } = record;
  if (!isJsonObject(source)) return null;
  const { traceId, spanId } = source;
  return typeof traceId === 'string' && typeof spanId === 'string' ? { traceId, spanId } : null;
}

/** Finds out what a record is: rows of our own, of OpenAI, Langfuse and LangSmith, and those that name their fields so. */
function byShape(record: JsonObject): MappedRow | string {
  if (isJsonObject(record.item)) return byShape(record.item);
  if (Array.isArray(record.messages)) return fromChat(record, record.messages);
  if (record.preferred_output !== undefined) return fromPreference(record);
  if (isJsonObject(record.inputs)) return fromLangSmith(record);
  const isLangfuse = ['sourceTraceId', 'source_trace_id', 'datasetId', 'dataset_id'].some((name) => name in record);
  if (isLangfuse && 'input' in record) return fromLangfuse(record);
  const input = inputNames.find((name) => Object.hasOwn(record, name));
  if (input === undefined)
    return `It has no input: there is none of ${inputNames.join(', ')}. Say which field it is with input=.`;
  const expected = expectedNames.find((name) => Object.hasOwn(record, name));
  const messages = record[input];
  const own = ownOf(record, expected === undefined ? [input] : [input, expected]);
  return build(
    {
      input:
        Array.isArray(messages) && messages.every((one) => isJsonObject(one) && 'role' in one)
          ? { messages }
          : messages,
      expected: expected === undefined ? null : record[expected],
      ...own,
    },
    sourceOf(record),
  );
}

function pick(record: JsonObject, names: readonly string[]): Json | undefined {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return valueAt(record, only);
  const found = names.flatMap((name): [string, Json][] => {
    const value = valueAt(record, name);
    return value === undefined ? [] : [[name, value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function byMapping(record: JsonObject, mapping: RowMapping): MappedRow | string {
  const { input, expected, metadata, tags, split, weight } = mapping;
  const missing = input.find((name) => valueAt(record, name) === undefined);
  if (missing !== undefined) return `It has no field ${JSON.stringify(missing)}.`;
  const used = [...input, ...expected, ...[tags, split, weight].flatMap((name) => name ?? [])];
  const rest = metadata.includes('*') ? without(record, used) : {};
  const named = metadata.filter((name) => name !== '*');
  const of = (name: string | null) => (name === null ? undefined : valueAt(record, name));
  return build({
    input: pick(record, input),
    expected: expected.length === 0 ? null : pick(record, expected),
    metadata: {
      ...rest,
      ...(named.length === 0
        ? {}
        : Object.fromEntries(
            named.flatMap((name): [string, Json][] => {
              const value = valueAt(record, name);
              return value === undefined ? [] : [[name, value]];
            }),
          )),
    },
    tags: of(tags),
    split: of(split),
    weight: of(weight),
  });
}

/**
 * A record of a file as a row, or the sentence that says why it is none.
 * @param mapping null: by its shape
 */
export function toRow(record: Json, mapping: RowMapping | null): MappedRow | string {
  if (typeof record === 'string' && mapping === null) return build({ input: record, expected: null, metadata: {} });
  if (!isJsonObject(record)) return 'It is no object.';
  return mapping === null ? byShape(record) : byMapping(record, mapping);
}
