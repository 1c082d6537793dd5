/**
 * A vendor in its own dialect: bytes in, bytes out, as they come. The gateway prefers this way out, because nothing is
 * lost in translation and nothing is parsed that need not be.
 */
export type DialectForward = {
  readonly provider: string;
  /**
   * Sends one request. The sink gets headers once, then data, then exactly one of end or error, and nothing before this
   * method has returned.
   */
  forward(request: ForwardRequest, sink: ForwardSink): ForwardHandle;
};

export type ForwardRequest = {
  /** Below the vendor's base URL, for example `/chat/completions`. */
  path: string;
  /** Lower-case names; never the caller's credentials. */
  headers: Record<string, string>;
  body: Uint8Array;
};

export type ForwardSink = {
  onHeaders(status: number, headers: Record<string, string>): void;
  /** Returns false when the sink wants the source to pause until {@link ForwardHandle.resume}. */
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  onError(error: Error): void;
};

export type ForwardHandle = {
  /** After this no sink method is called any more. */
  abort(): void;
  resume(): void;
};
