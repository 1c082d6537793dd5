import { isJsonObject, type JsonObject } from '@wheelhouse/core/records';
import { type ChatResult, createChatFold } from '@wheelhouse/core/trace';
import { dataOfEvents, lastEventEnd, splitEvents } from './sse-events.ts';

/** Larger answers pass through whole but are not read for the trace. */
const readLimit = 16 * 1024 * 1024;

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isUsageOnly = (chunk: JsonObject) =>
  Array.isArray(chunk.choices) && chunk.choices.length === 0 && isJsonObject(chunk.usage);

function hasContent(chunk: JsonObject): boolean {
  const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
  return choices.some((choice) => {
    const delta = isJsonObject(choice) && isJsonObject(choice.delta) ? choice.delta : {};
    return ['content', 'reasoning_content', 'reasoning', 'tool_calls', 'refusal'].some(
      (key) => delta[key] != null && delta[key] !== '',
    );
  });
}

/** What a vendor answered, to be read when there is time: reading costs more than all else that a call does here. */
export type Answer = { bytes: Buffer; streamed: boolean };

export type ChatTap = {
  /** Takes what the vendor sent, gives what the caller gets. */
  push(chunk: Buffer): Buffer[];
  /** At the clean end: what is still to be passed on. */
  end(): Buffer[];
  /** Whether content has passed; always false of an answer that is not streamed. */
  begun(): boolean;
  /** Whether the stream said that it was complete. */
  complete(): boolean;
  /** What has passed so far. */
  answer(): Answer;
};

/** What is kept of an answer, up to a limit. */
function createCopy() {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    add(piece: Buffer): void {
      if (size + piece.length > readLimit) return;
      size += piece.length;
      pieces.push(piece);
    },
    whole: (): Buffer => (pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)),
  };
}

const contentKey = '"content":';
const plainText = /^"[^"\\\p{Cc}]*"$/u;

/**
 * Parses the chunks of one stream. Nearly every chunk is the one before with another text in `content`; such a one is not
 * parsed again, which saves most of the work. Each value holds until the next is asked for.
 */
function createChunkParser(): (data: string) => JsonObject | null {
  let last: { chunk: JsonObject; delta: JsonObject; before: string; after: string } | null = null;

  /** What surrounds the text of a chunk; an unescaped `"content":` is a key and stands nowhere in a string. */
  function remember(data: string, chunk: JsonObject | null): void {
    last = null;
    const [choice] = Array.isArray(chunk?.choices) ? chunk.choices : [];
    const delta = isJsonObject(choice) && isJsonObject(choice.delta) ? choice.delta : null;
    const at = data.indexOf(contentKey) + contentKey.length;
    if (chunk === null || delta === null || data.includes(contentKey, at)) return;
    const text = JSON.stringify(delta.content);
    if (typeof delta.content !== 'string' || !data.startsWith(text, at)) return;
    last = { chunk, delta, before: data.slice(0, at), after: data.slice(at + text.length) };
  }

  return (data) => {
    if (last !== null && data.startsWith(last.before) && data.endsWith(last.after)) {
      const text = data.slice(last.before.length, data.length - last.after.length);
      if (plainText.test(text)) {
        last.delta.content = text.slice(1, -1);
        return last.chunk;
      }
    }
    const chunk = parse(data);
    remember(data, chunk);
    return chunk;
  };
}

/** Folds an answer into messages and usage; what cannot be read of it is passed over. */
export function readAnswer({ bytes, streamed }: Answer): ChatResult {
  const fold = createChatFold();
  if (streamed) {
    const read = createChunkParser();
    for (const data of dataOfEvents(bytes)) fold.chunk(read(data));
  } else fold.whole(parse(bytes.toString('utf8')));
  return fold.result();
}

const chunkOf = (data: string | null): JsonObject | null => (data === null ? null : parse(data));

const someUsage = /"usage"\s*:\s*\{/;
const done = /(?:^|\n)data: ?\[DONE\]/;

/** Passes a stream of chat chunks on event by event; the usage chunk that the caller did not ask for is left out. */
export function createStreamTap(options: { dropUsage: boolean }): ChatTap {
  const copy = createCopy();
  let pending: Buffer = Buffer.alloc(0);
  let begun = false;
  let complete = false;
  const answer = (): Answer => ({ bytes: copy.whole(), streamed: true });

  /** Looks at whole events as text, and reads them only where it must. */
  function pass(bytes: Buffer): Buffer[] {
    copy.add(bytes);
    const text = bytes.toString('latin1');
    if (text.includes('[DONE]') && done.test(text)) complete = true;
    const drop = options.dropUsage && text.includes('"usage"') && someUsage.test(text);
    if (begun && !drop) return [bytes];
    const events = splitEvents(bytes).map((event) => ({ bytes: event.bytes, chunk: chunkOf(event.data) }));
    begun ||= events.some(({ chunk }) => chunk !== null && hasContent(chunk));
    if (!drop) return [bytes];
    return events.filter(({ chunk }) => chunk === null || !isUsageOnly(chunk)).map((event) => event.bytes);
  }

  return {
    push(chunk) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = lastEventEnd(bytes);
      pending = bytes.subarray(end);
      return end === 0 ? [] : pass(bytes.subarray(0, end));
    },
    end() {
      const rest = pending;
      if (rest.length === 0) return [];
      pass(Buffer.concat([rest, Buffer.from('\n\n')]));
      return [rest];
    },
    begun: () => begun,
    complete: () => complete || readAnswer(answer()).finishReasons.length > 0,
    answer,
  };
}

/** Holds a whole answer until its end, so that a cut connection can still become a proper error. */
export function createWholeTap(): ChatTap {
  const pieces: Buffer[] = [];
  const copy = createCopy();
  return {
    push(chunk) {
      pieces.push(chunk);
      return [];
    },
    end() {
      const bytes = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
      copy.add(bytes);
      return [bytes];
    },
    begun: () => false,
    complete: () => true,
    answer: () => ({ bytes: copy.whole(), streamed: false }),
  };
}
