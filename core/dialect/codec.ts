import type { Capabilities, Dialect, ModelAnswer, ModelEvent, ModelRequest, VendorFailure } from '../ports/index.ts';
import type { Json, JsonObject, WheelhouseError } from '../records/index.ts';

/** One server-sent event; `event` null where the dialect names none. */
export type WireEvent = { event: string | null; data: string };

/** What an answer is given that its vendor did not say. */
export type AnswerFrame = {
  /** The model's name as the caller knows it. */
  model: string;
  /** Seconds since 1970. */
  created: number;
  /** An id in the dialect's own form is made of this. */
  id: string;
  /** Whether the caller asked for usage in the stream. */
  includeUsage: boolean;
  /** The caller's request in normal form, for dialects whose answers repeat it. */
  request: ModelRequest;
};

export type StreamReader = {
  read(event: WireEvent): ModelEvent[];
  /** At the end of the bytes: closes what is open. */
  end(): ModelEvent[];
};

export type StreamWriter = {
  /** Frames for the caller, as text of server-sent events; empty when the event has none in this dialect. */
  write(event: ModelEvent): string;
  /** What ends the stream. */
  end(): string;
};

/** What passes by in a stream that is forwarded unread, seen with the least work. */
export type StreamWatch = {
  /** Whether the event carries content, after which nothing may fall back. */
  hasContent(event: WireEvent): boolean;
  /** Whether the event says that the answer is complete. */
  isComplete(event: WireEvent): boolean;
  /** A failure inside of a stream that began well. */
  failure(event: WireEvent): VendorFailure | null;
};

/** A dialect: to the normal form and back. */
export type Codec = {
  readonly dialect: Dialect;
  /** @throws WheelhouseError `invalid_request` */
  readRequest(body: JsonObject): ModelRequest;
  /** @throws WheelhouseError `unsupported_by_model`, naming the member that this dialect or vendor cannot carry */
  writeRequest(request: ModelRequest, capabilities: Capabilities): JsonObject;
  readAnswer(body: JsonObject): ModelAnswer;
  writeAnswer(answer: ModelAnswer, frame: AnswerFrame): JsonObject;
  createReader(): StreamReader;
  createWriter(frame: AnswerFrame): StreamWriter;
  watch: StreamWatch;
  /** What a refusal of a vendor means. `body`: parsed, or the text. */
  readFailure(status: number, body: Json): VendorFailure;
  writeError(error: WheelhouseError, requestId: string): JsonObject;
  /** The error as the last event of a stream that has begun. */
  writeErrorEvent(error: WheelhouseError, requestId: string): string;
};
