import type { ForwardHandle, ForwardRequest, ForwardSink, Provider } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

/** Of one call, at the same time. */
const mostAtOnce = 8;

type Part = { status: number; headers: Record<string, string>; pieces: Uint8Array[] };

/**
 * Several requests as if they were one, for vendors that take one text at a time. The sink gets `{"answers":[…]}` in the order
 * of the bodies, or the first refusal or error, after which the others are left.
 */
export class ForwardedEach implements ForwardHandle {
  readonly #send: (body: Uint8Array, sink: ForwardSink) => ForwardHandle;
  readonly #bodies: readonly Uint8Array[];
  readonly #parts: (Part | null)[];
  readonly #running = new Set<ForwardHandle>();
  #sink: ForwardSink | null;
  #next = 0;
  #ended = 0;

  /** @throws WheelhouseError as {@link Provider.forward} */
  constructor(
    { provider, request, bodies }: { provider: Provider; request: ForwardRequest; bodies: readonly Uint8Array[] },
    sink: ForwardSink,
  ) {
    this.#send = (body, to) => provider.forward({ ...request, body }, to);
    this.#bodies = bodies;
    this.#parts = bodies.map(() => null);
    this.#sink = sink;
    while (this.#next < Math.min(mostAtOnce, bodies.length)) this.#begin();
  }

  #begin(): void {
    const index = this.#next;
    const body = this.#bodies[index];
    if (body === undefined) return;
    this.#next += 1;
    const part: Part = { status: 0, headers: {}, pieces: [] };
    this.#parts[index] = part;
    const handle: ForwardHandle = this.#send(body, {
      onHeaders(status, headers) {
        part.status = status;
        part.headers = headers;
      },
      onData(chunk) {
        part.pieces.push(chunk);
        return true;
      },
      onEnd: () => this.#over(handle, part),
      onError: (error) => this.#fail((sink) => sink.onError(error)),
    });
    this.#running.add(handle);
  }

  #over(handle: ForwardHandle, part: Part): void {
    if (this.#sink === null) return;
    this.#running.delete(handle);
    if (part.status >= 400) {
      this.#fail((sink) => this.#tell(sink, part, part.pieces));
      return;
    }
    this.#ended += 1;
    if (this.#ended === this.#bodies.length) this.#finish(part);
    else if (this.#next < this.#bodies.length)
      try {
        this.#begin();
      } catch (error) {
        const known = error instanceof Error ? error : new WheelhouseError('internal', String(error));
        this.#fail((sink) => sink.onError(known));
      }
  }

  #finish(last: Part): void {
    const sink = this.#sink;
    this.#sink = null;
    if (sink === null) return;
    const pieces = this.#parts.flatMap((part, i) => [
      Buffer.from(i === 0 ? '{"answers":[' : ','),
      ...(part?.pieces ?? []),
    ]);
    this.#tell(sink, last, [...pieces, Buffer.from(']}')]);
  }

  /** One of the answers decides what the head of all says. */
  #tell(sink: ForwardSink, { status, headers }: Part, pieces: Uint8Array[]): void {
    const { 'content-length': _, ...own } = headers;
    sink.onHeaders(status, own);
    sink.onData(Buffer.concat(pieces));
    sink.onEnd();
  }

  #fail(tell: (sink: ForwardSink) => void): void {
    const sink = this.#sink;
    this.abort();
    if (sink !== null) tell(sink);
  }

  abort(): void {
    this.#sink = null;
    for (const handle of this.#running) handle.abort();
    this.#running.clear();
  }

  /** Nothing was held up. */
  resume(): void {}
}
