import { isJsonObject, type JsonObject } from '@wheelhouse/core/records';
import { createChatFold } from '@wheelhouse/core/trace';
import { createSseSplitter } from './sse-frames.ts';

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

type Fold = ReturnType<typeof createChatFold>;

export type ChatTap = {
  /** Takes what the vendor sent, gives what the caller gets. */
  push(chunk: Buffer): Buffer[];
  /** At the clean end: what is still to be passed on. */
  end(): Buffer[];
  /** Whether the stream said that it was complete. */
  complete(): boolean;
  result(): ReturnType<Fold['result']>;
};

/** Reads a stream of chat chunks as it passes; the usage chunk that the caller did not ask for is left out. */
export function createStreamTap(options: { dropUsage: boolean; onFirstToken(): void }): ChatTap {
  const splitter = createSseSplitter();
  const fold = createChatFold();
  let first = true;
  let complete = false;
  const take = (data: string | null): boolean => {
    if (data === null) return true;
    if (data === '[DONE]') {
      complete = true;
      return true;
    }
    const chunk = parse(data);
    if (chunk === null) return true;
    fold.chunk(chunk);
    if (first && hasContent(chunk)) {
      first = false;
      options.onFirstToken();
    }
    return !(options.dropUsage && isUsageOnly(chunk));
  };
  return {
    push: (chunk) =>
      splitter
        .push(chunk)
        .filter((frame) => take(frame.data))
        .map((frame) => frame.bytes),
    end() {
      const rest = splitter.rest();
      if (rest.length > 0) for (const frame of splitter.push(Buffer.from('\n\n'))) take(frame.data);
      return rest.length > 0 ? [rest] : [];
    },
    complete: () => complete || fold.result().finishReasons.length > 0,
    result: () => fold.result(),
  };
}

/** Holds a whole answer until its end, so that a cut connection can still become a proper error. */
export function createWholeTap(): ChatTap {
  const pieces: Buffer[] = [];
  const fold = createChatFold();
  return {
    push(chunk) {
      pieces.push(chunk);
      return [];
    },
    end() {
      const bytes = Buffer.concat(pieces);
      const body = bytes.length <= readLimit ? parse(bytes.toString('utf8')) : null;
      if (body) fold.whole(body);
      return [bytes];
    },
    complete: () => true,
    result: () => fold.result(),
  };
}
