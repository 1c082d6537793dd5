import { type Example, isJsonObject, type Json, type JsonObject } from '../records/index.ts';

export const lineFormats = ['jsonl', 'openai-evals', 'openai-chat', 'langfuse', 'langsmith'] as const;
export type LineFormat = (typeof lineFormats)[number];

const user = (content: Json): JsonObject => ({ role: 'user', content });

/** Messages of an input; text, and what is no conversation, as one message of the user. */
function messagesOf(input: Json): Json[] {
  if (isJsonObject(input) && Array.isArray(input.messages)) return input.messages;
  return [user(typeof input === 'string' ? input : JSON.stringify(input))];
}

const textOrJson = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function chatLine({ input, expected, metadata }: Example): JsonObject | null {
  if (expected === null) return null;
  const isMessage = isJsonObject(expected) && expected.role === 'assistant';
  const answer: Json = isMessage ? expected : { role: 'assistant', content: textOrJson(expected) };
  const tools: Json | undefined = metadata.tools;
  return { messages: [...messagesOf(input), answer], ...(Array.isArray(tools) ? { tools } : {}) };
}

const named = (value: Json, name: string): JsonObject => (isJsonObject(value) ? value : { [name]: value });

const shapes: Record<LineFormat, (row: Example) => JsonObject | null> = {
  jsonl: ({ id, input, expected, metadata, tags, split, weight, source }) => ({
    ...{ id, input, expected, metadata, tags, split, weight, source },
  }),
  'openai-evals': ({ input, expected }) => ({ input: messagesOf(input), ideal: expected === null ? '' : expected }),
  'openai-chat': chatLine,
  langfuse: ({ id, input, expected, metadata, source }) => ({
    ...{ id, input, expectedOutput: expected, metadata },
    ...{ sourceTraceId: source?.traceId ?? null, sourceObservationId: source?.spanId ?? null, status: 'ACTIVE' },
  }),
  langsmith: ({ input, expected, metadata, split }) => ({
    inputs: named(input, 'input'),
    outputs: expected === null ? null : named(expected, 'output'),
    metadata: split === null ? metadata : { ...metadata, dataset_split: [split] },
  }),
};

/** A row in the form of another tool; null when that form has no place for it: a conversation without an answer. */
export const shapeOf = (format: LineFormat, row: Example): JsonObject | null => shapes[format](row);

export const tableColumns = ['id', 'input', 'expected', 'metadata', 'tags', 'split', 'weight'] as const;

/** Cells of a row: text as it is, all else as JSON; null stays null. */
export function cellsOf(row: Example): (string | null)[] {
  const cell = (value: Json): string | null => (value === null ? null : textOrJson(value));
  return [
    ...[row.id, cell(row.input), cell(row.expected), JSON.stringify(row.metadata), JSON.stringify(row.tags)],
    ...[row.split, String(row.weight)],
  ];
}

/** A line of comma-separated values (RFC 4180); null is empty, an empty text is in quotes. */
export function csvLine(cells: readonly (string | null)[]): string {
  const quoted = cells.map((cell) => {
    if (cell === null) return '';
    return cell === '' || /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return `${quoted.join(',')}\r\n`;
}
