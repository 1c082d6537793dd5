import type { Dialect, ModelEvent, VendorFailure } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';
import type { AnswerFrame, StreamWriter } from './codec.ts';
import { codecOf } from './registry.ts';
import { createSseParser } from './sse.ts';

/** `from`: who wrote it; `to`: who reads it. */
export type Pair = { from: Dialect; to: Dialect };

export type AnswerTranslation = Pair & { frame: AnswerFrame };

/** @throws WheelhouseError `unsupported_by_model` */
export const translateAnswer = (body: JsonObject, { from, to, frame }: AnswerTranslation): JsonObject =>
  codecOf(to).writeAnswer(codecOf(from).readAnswer(body), frame);

export type StreamTranslation = {
  /** Takes what the vendor sent, gives what the caller gets; empty while there is nothing to say. */
  push(bytes: Uint8Array): string;
  /** At the end of what the vendor sent: the rest, with what ends the stream only if the answer is complete. */
  end(): string;
  /** Ends the stream with an error instead. */
  fail(failure: VendorFailure): string;
  /** Whether content has passed, after which nothing may fall back. */
  begun(): boolean;
  /** Whether the vendor said that its answer was complete. */
  complete(): boolean;
  /** What the vendor said went wrong; the frames for it have been written. */
  failure(): VendorFailure | null;
};

const isContent = (event: ModelEvent): boolean =>
  event.type === 'partDelta' ? event.text !== '' : event.type === 'partStart' && event.kind === 'toolCall';

/** A stream of the vendor's dialect as one of the caller's, event by event. */
export function createStreamTranslation({ from, to, frame }: AnswerTranslation): StreamTranslation {
  const parser = createSseParser();
  const codec = codecOf(from);
  const reader = codec.createReader();
  const writer: StreamWriter = codecOf(to).createWriter(frame);
  let begun = false;
  let complete = false;
  let failure: VendorFailure | null = null;

  function write(events: readonly ModelEvent[]): string {
    let text = '';
    for (const event of events) {
      if (failure !== null) break;
      if (event.type === 'error') failure = event.failure;
      else if (event.type === 'finish') complete = true;
      else begun ||= isContent(event);
      text += writer.write(event);
    }
    return text;
  }
  const read = (wire: ReturnType<typeof parser.push>): string => {
    let text = '';
    for (const event of wire) text += write(reader.read(event));
    return text;
  };

  return {
    push: (bytes) => read(parser.push(bytes)),
    end: () => read(parser.end()) + write(reader.end()) + (complete && failure === null ? writer.end() : ''),
    fail: (given) => write([{ type: 'error', failure: given }]),
    begun: () => begun,
    complete: () => complete,
    failure: () => failure,
  };
}
