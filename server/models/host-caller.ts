import { createSseParser } from '@wheelhouse/core/dialect';
import type { HttpCaller, OnText, PredictInput, SealedHost, SecretBox } from '@wheelhouse/core/ports';
import {
  type Caller,
  type ErrorCode,
  errorTable,
  isJsonObject,
  type Json,
  type JsonObject,
  type ModelVersion,
  type ProjectId,
  parseExactJson,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { HostReader } from './host-reader.ts';

export type HostCall = {
  by: Caller;
  /** The model's name. */
  model: string;
  version: ModelVersion;
  ask: PredictInput;
  traceparent: string;
  signal: AbortSignal;
  onText: OnText | null;
};

/** Has a version answered where its code is served. */
export type HostCaller = {
  /** @throws WheelhouseError `upstream_unreachable` when nobody serves it now, and whatever the code answers with */
  call(call: HostCall): Promise<Json>;
};

/** Code may think for long; whoever asks says how long they wait. */
const longestMs = 600_000;

/** Ties a sealed token to its lease. */
export const tokenContext = (project: ProjectId, id: string): string => `model host ${project} ${id}`;

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorTable, code);

/** What the code says went wrong, in the form of our own errors where it has that. */
function hostError(name: string, status: number, body: Json): WheelhouseError {
  if (status === 401 || status === 403)
    return new WheelhouseError('upstream_unreachable', `The host of ${name} does not know the token of its lease.`, {
      hint: 'Start `wheelhouse serve` again.',
    });
  const told = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const message =
    typeof told.message === 'string' ? told.message : `The host of ${name} answered with status ${status}.`;
  return new WheelhouseError(isCode(told.code) ? told.code : 'code_failed', message, {
    ...(typeof told.hint === 'string' ? { hint: told.hint } : {}),
    ...(typeof told.param === 'string' ? { param: told.param } : {}),
  });
}

const malformed = (name: string, cause?: unknown) =>
  new WheelhouseError('upstream_failed', `The host of ${name} sent an answer that cannot be read.`, { cause });

function parse(name: string, text: string): Json {
  try {
    return parseExactJson(text);
  } catch (cause) {
    throw malformed(name, cause);
  }
}

function outputIn(name: string, body: Json): Json {
  if (!isJsonObject(body) || body.output === undefined) throw malformed(name);
  return body.output;
}

/** Reads the events of a streamed answer: `text` as it comes, then `output` or `error`. */
function createEvents(name: string, onText: OnText) {
  const parser = createSseParser();
  let end: { output: Json } | { error: WheelhouseError } | null = null;
  const take = (events: ReturnType<typeof parser.push>) => {
    for (const { event, data } of events) {
      const body = parse(name, data);
      if (event === 'text' && isJsonObject(body) && typeof body.text === 'string') onText(body.text);
      else if (event === 'output') end = { output: outputIn(name, body) };
      else if (event === 'error') end = { error: hostError(name, 500, body) };
    }
  };
  return {
    push: (text: string) => take(parser.push(Buffer.from(text))),
    output(): Json {
      take(parser.end());
      if (end === null)
        throw new WheelhouseError('upstream_cut', `The host of ${name} ended its answer before it was complete.`);
      if ('error' in end) throw end.error;
      return end.output;
    },
  };
}

export type HostCallerDeps = { http: HttpCaller; reader: HostReader; box: SecretBox };

/** Asks whoever serves the code; where one cannot be reached, the next. */
export function createHostCaller({ http, reader, box }: HostCallerDeps): HostCaller {
  async function ask(host: SealedHost, name: string, { by, model, version, ask, ...call }: HostCall): Promise<Json> {
    const token = box.open(host.sealed, tokenContext(by.project, host.id));
    if (token === null)
      throw new WheelhouseError('upstream_unreachable', `The token of a host of ${name} was sealed with another key.`);
    const events = call.onText === null ? null : createEvents(name, call.onText);
    const body: JsonObject = { model, version: version.number, ...ask, stream: events !== null };
    const { status, body: text } = await http.call({
      ...{ by, method: 'POST', url: host.url, provider: null, timeoutMs: longestMs },
      ...{ traceparent: call.traceparent, signal: call.signal, body: JSON.stringify(body) },
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: events === null ? 'application/json' : 'text/event-stream',
      },
      onText: events === null ? null : (piece) => events.push(piece),
    });
    if (status >= 400) throw hostError(name, status, text === '' ? null : safeParse(text));
    return events === null ? outputIn(name, parse(name, text)) : events.output();
  }

  return {
    async call(call) {
      const name = `${call.model}@${call.version.number}`;
      let failure = new WheelhouseError('upstream_unreachable', `Nobody serves ${name} now.`, {
        hint: 'Its code runs where it lives: start it there with `wheelhouse serve`.',
      });
      for (const host of await reader.find(call.by.project, call.model, call.version.number)) {
        try {
          return await ask(host, name, call);
        } catch (error) {
          if (!(error instanceof WheelhouseError) || error.code !== 'upstream_unreachable') throw error;
          reader.failed(host);
          failure = error;
        }
      }
      throw failure;
    },
  };
}

function safeParse(text: string): Json {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}
