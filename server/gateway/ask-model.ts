import { codecOf, createAnswerFold, createSseParser, failureError, type WireEvent } from '@wheelhouse/core/dialect';
import type { AskModel, ModelAnswer, ModelAsk, ModelEvent, ModelReply } from '@wheelhouse/core/ports';
import { type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import type { EndedCall } from './ended-call.ts';
import type { Head, Outlet } from './outlet.ts';
import { parseBody } from './read-body.ts';
import type { Serve } from './serve.ts';
import type { Tasks } from './tasks.ts';

const dialect = 'openai-chat';
const traceHeader = 'x-wheelhouse-trace-id';

/** What the model said in its first answer, and then the tools that it wants called. */
function textOf({ choices }: ModelAnswer): string {
  const parts = choices.find(({ index }) => index === 0)?.parts ?? [];
  const text = parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
  const calls = parts.flatMap((part) => (part.type === 'toolCall' ? [`${part.name}(${part.arguments})`] : []));
  return [...(text === '' ? [] : [text]), ...calls].join('\n');
}

type Done = (reply: ModelReply) => void;

/** Reads an answer for somebody in this process, a piece of text at a time when it is streamed. */
class Reading implements Outlet {
  readonly #ask: Pick<ModelAsk, 'onStart' | 'onText'>;
  readonly #done: Done;
  readonly #pieces: Buffer[] = [];
  readonly #parser = createSseParser();
  readonly #reader = codecOf(dialect).createReader();
  readonly #fold = createAnswerFold();
  #head: Head | null = null;
  #error: WheelhouseError | null = null;
  /** Parts of the first answer that are text. */
  readonly #texts = new Set<number>();
  #heard = '';

  constructor(ask: Pick<ModelAsk, 'onStart' | 'onText'>, done: Done) {
    this.#ask = ask;
    this.#done = done;
  }

  start(head: Head): void {
    this.#head = head;
    const traceId = head.own[traceHeader];
    if (traceId !== undefined && head.status < 400) this.#ask.onStart?.(traceId as TraceId);
  }

  get #streams(): boolean {
    return this.#head?.streamed === true && this.#head.status < 400;
  }

  write(chunk: Buffer): boolean {
    if (this.#streams) this.#take(this.#parser.push(chunk));
    else this.#pieces.push(chunk);
    return true;
  }

  #take(wire: WireEvent[]): void {
    for (const one of wire) this.#hear(this.#reader.read(one));
  }

  #hear(events: ModelEvent[]): void {
    for (const event of events) {
      this.#fold.add(event);
      if (!('choice' in event) || event.choice !== 0) continue;
      if (event.type === 'partStart' && (event.kind === 'text' || event.kind === 'refusal'))
        this.#texts.add(event.part);
      else if (event.type === 'partDelta' && this.#texts.has(event.part)) this.#tell(event.text);
    }
  }

  #tell(piece: string): void {
    if (piece === '') return;
    this.#heard += piece;
    this.#ask.onText?.(piece);
  }

  end(): void {
    if (!this.#streams) return;
    this.#take(this.#parser.end());
    this.#hear(this.#reader.end());
  }

  fail(error: WheelhouseError, headers: Record<string, string>): void {
    this.#error = error;
    // What was not admitted has no span.
    if (this.#head === null && headers[traceHeader] === undefined)
      this.#done({ ok: false, error, traceId: null, latencyNs: 0n, costNanoUsd: null, usage: null });
  }

  #answer(): ModelAnswer {
    const head = this.#head;
    if (this.#streams) {
      const failure = this.#fold.failure();
      if (failure !== null) throw failureError(failure);
      return this.#fold.result();
    }
    const text = Buffer.concat(this.#pieces).toString('utf8');
    if (head === null || head.status >= 400) {
      const failure = codecOf(dialect).readFailure(head?.status ?? 0, text === '' ? '' : parseBody(text));
      const seconds = Number(head?.own['retry-after'] ?? head?.headers['retry-after'] ?? Number.NaN);
      throw failureError(failure, Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {});
    }
    return codecOf(dialect).readAnswer(parseBody(text));
  }

  over(call: EndedCall): void {
    const { facts, end } = call;
    const taken = {
      traceId: facts.traceId,
      latencyNs: end.endNs - facts.startNs,
      costNanoUsd: call.spent().costNanoUsd,
    };
    try {
      if (this.#error !== null) throw this.#error;
      const answer = this.#answer();
      const text = textOf(answer);
      if (this.#ask.onText !== null && text.startsWith(this.#heard)) this.#tell(text.slice(this.#heard.length));
      const logprobs = answer.choices.find(({ index }) => index === 0)?.logprobs ?? null;
      this.#done({ ok: true, text, logprobs, usage: answer.usage, ...taken });
    } catch (cause) {
      const error =
        cause instanceof WheelhouseError
          ? cause
          : new WheelhouseError('upstream_failed', 'The provider sent an answer that cannot be read.', { cause });
      this.#done({ ok: false, error, usage: null, ...taken });
    }
  }
}

/** Asks a model that is one call on the same path as HTTP callers. */
export function createAskModel({ serve, tasks }: { serve: Serve; tasks: Tasks }): AskModel {
  return (ask) =>
    new Promise((resolve, reject) => {
      const { by, labels, traceparent, userAgent, run, signal, deadlineMs, onText } = ask;
      const streamed = onText !== null;
      const body = streamed ? { ...ask.body, stream: true, stream_options: { include_usage: true } } : ask.body;
      const text = JSON.stringify(body);
      // What an evaluation asks is answered by the version that it names.
      const who = () => ({ ...labels, ...(ask.draw === undefined ? {} : { draw: ask.draw }) });
      const task = tasks.conversation(by.project, { dialect, text, headers: {}, ...(run === null && { who }) });
      const settle = (reply: ModelReply) => {
        signal.removeEventListener('abort', stop);
        resolve(reply);
      };
      const control = { ...labels, cache: null, deadlineMs };
      const startMs = performance.now();
      const asked = { task, by, traceparent, userAgent, control, run, origin: 'vendor' as const, startMs };
      const running = serve(asked, new Reading(ask, settle));
      function stop(): void {
        running.abort('The call was stopped.');
        reject(signal.reason);
      }
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
}
