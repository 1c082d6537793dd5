import type { ForwardHandle, ForwardSink } from '@wheelhouse/core/ports';
import type { Dispatcher } from 'undici';
import { describeFailure, noConnection, redirected } from './describe-failure.ts';

const aborted = new Error('The caller does not wait any more.');

const isRedirect = (status: number) => status >= 300 && status < 400 && status !== 304;

/**
 * One request on its way and its answer coming back. A class, not closures: once it has ended it holds neither the sink
 * nor the connection, whoever still holds the handle.
 */
export class Exchange implements Dispatcher.DispatchHandler, ForwardHandle {
  readonly #where: string;
  #sink: ForwardSink | null;
  #controller: Dispatcher.DispatchController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #entered = false;
  #connected = false;

  constructor(where: string, sink: ForwardSink) {
    this.#where = where;
    this.#sink = sink;
  }

  /** Sends, and waits so long for a connection; on a connection that stands already no timer is made. */
  dispatch(through: Dispatcher, options: Dispatcher.DispatchOptions, connectTimeoutMs: number): void {
    if (this.#sink === null) return;
    this.#entered = true;
    try {
      through.dispatch(options, this);
    } catch (error) {
      this.onResponseError(null, error instanceof Error ? error : new Error(String(error)));
    }
    this.#entered = false;
    if (this.#connected || this.#sink === null) return;
    this.#timer = setTimeout(() => this.fail(noConnection(this.#where, connectTimeoutMs)), connectTimeoutMs);
  }

  abort(): void {
    if (this.#sink === null) return;
    this.#close()?.abort(aborted);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Ends with an error, closing the connection where there is one. */
  fail(error: Error): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#close()?.abort(aborted);
    sink.onError(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#sink === null) {
      controller.abort(aborted);
      return;
    }
    this.#connected = true;
    this.#controller = controller;
    this.#stopTimer();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (this.#sink === null || status < 200) return;
    if (isRedirect(status)) this.fail(redirected(this.#where, status));
    else this.#sink.onHeaders(status, flatHeaders(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink !== null && !this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    const sink = this.#sink;
    this.#close();
    sink?.onEnd();
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#sink === null) return;
    const failure = describeFailure(error, this.#where);
    // The sink hears nothing before `forward` has returned.
    if (this.#entered) process.nextTick(() => this.fail(failure));
    else this.fail(failure);
  }

  #stopTimer(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #close(): Dispatcher.DispatchController | null {
    const controller = this.#controller;
    this.#sink = null;
    this.#controller = null;
    this.#stopTimer();
    return controller;
  }
}

/** In place: the object was made for this answer. */
function flatHeaders(headers: Record<string, unknown>): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
