import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FailedPredictionBody, type PredictionBody, predictSchemas } from '@wheelhouse/core/contract';
import type { Predicted, Predictor, PredictRequest, UserGate } from '@wheelhouse/core/ports';
import {
  type Caller,
  inputTokens,
  isJsonObject,
  type Json,
  type JsonObject,
  nanosToMs,
  outputTokens,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { openGate } from './at-gate.ts';
import { readControl } from './control-headers.ts';
import { parseBody } from './read-body.ts';
import { readVariables } from './variables-header.ts';

type Context = { by: Caller; path: string; readBody(): Promise<Buffer> };
type Body = ReturnType<typeof predictSchemas.predictBody.parse>;

const traceHeader = 'x-wheelhouse-trace-id';
const left = 'The caller closed the connection.';

function readRequest(text: string): Body {
  const result = predictSchemas.predictBody.safeParse(parseBody(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.join('.') ?? '';
  const message =
    place === '' ? `The body is not right: ${issue?.message}.` : `\`${place}\` is not right: ${issue?.message}.`;
  throw new WheelhouseError('invalid_request', message, { param: place === '' ? 'body' : place });
}

function refOf(path: string, version: Body['version']): string {
  let name: string;
  try {
    name = decodeURIComponent(path.split('/').at(-2) ?? '');
  } catch {
    throw new WheelhouseError('not_found', `${path} is not a path here.`);
  }
  if (version === undefined) return name;
  if (name.includes('@'))
    throw new WheelhouseError('invalid_request', `\`${name}\` says its version already.`, { param: 'version' });
  return `${name}@${version}`;
}

const takenBody = ({ model, traceId, latencyNs, costNanoUsd, usage }: Predicted) => ({
  model,
  traceId,
  latencyMs: Math.round(nanosToMs(latencyNs) * 1_000) / 1_000,
  costNanoUsd: costNanoUsd === null ? null : String(costNanoUsd),
  usage: usage === null ? null : { inputTokens: inputTokens(usage), outputTokens: outputTokens(usage) },
});

const answerBody = (predicted: Predicted): PredictionBody | FailedPredictionBody =>
  predicted.ok
    ? { output: predicted.output, text: predicted.text, ...takenBody(predicted) }
    : { ...predicted.error.toBody(), ...takenBody(predicted) };

function headersOf(traceId: TraceId | null, type: string): Record<string, string> {
  return {
    'content-type': type,
    'cache-control': 'no-store',
    ...(traceId === null ? {} : { [traceHeader]: traceId }),
  };
}

function sendJson(res: ServerResponse, status: number, body: object, traceId: TraceId | null, more = {}): void {
  if (res.destroyed) return;
  const text = JSON.stringify(body);
  res.writeHead(status, {
    ...headersOf(traceId, 'application/json'),
    'content-length': Buffer.byteLength(text),
    ...more,
  });
  res.end(text);
}

const retryAfter = ({ retryAfterMs }: WheelhouseError): Record<string, string> =>
  retryAfterMs === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };

function sendAnswer(res: ServerResponse, predicted: Predicted): void {
  const { traceId } = predicted;
  if (predicted.ok) sendJson(res, 200, answerBody(predicted), traceId);
  else sendJson(res, predicted.error.status, predicted.error.toBody(), traceId, retryAfter(predicted.error));
}

/** Runs so many at one time, in order, and gives what each came to in the order of the items. */
async function inPool<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}

/** Text as it comes; errors before the first are answered as always. */
async function stream(
  res: ServerResponse,
  ask: (heard: Pick<PredictRequest, 'onStart' | 'onText'>) => Promise<Predicted>,
): Promise<void> {
  let traceId: TraceId | null = null;
  const send = (event: string, data: object) => {
    if (res.destroyed) return;
    if (!res.headersSent) res.writeHead(200, headersOf(traceId, 'text/event-stream; charset=utf-8'));
    res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const predicted = await ask({
    onStart(given) {
      traceId = given;
    },
    onText: (text) => send('text', { text }),
  });
  if (!predicted.ok && !res.headersSent) return sendAnswer(res, predicted);
  send(predicted.ok ? 'output' : 'error', answerBody(predicted));
  res.end();
}

function inputsOf({ input, inputs }: Body, variables: JsonObject | null): Json[] {
  if (input !== undefined && inputs !== undefined)
    throw new WheelhouseError('invalid_request', '`input` and `inputs` do not go together.', { param: 'inputs' });
  const all = (inputs ?? [input ?? {}]) as Json[];
  if (variables === null) return all;
  return all.map((one) => (isJsonObject(one) ? { ...variables, ...one } : one));
}

/** `POST /api/v1/models/{name}/predict`: asks any model by the API's own form. */
export function createPredictDoor(predictor: Predictor, gate: UserGate = openGate) {
  async function handle(req: IncomingMessage, res: ServerResponse, { by, path, readBody }: Context): Promise<void> {
    if (req.method !== 'POST')
      throw new WheelhouseError('method_not_allowed', `${path} takes POST, not ${req.method}.`, { hint: 'Send POST.' });
    const control = readControl(req.headers);
    const body = readRequest((await readBody()).toString('utf8'));
    const inputs = inputsOf(body, readVariables(req.headers));
    const { tags, user, session, metadata, deadlineMs } = control;
    const refusal = gate.refusal({ project: by.project, key: by.key, user });
    if (refusal !== null) {
      const { error, headers } = refusal;
      return sendJson(res, error.status, error.toBody(), null, { ...retryAfter(error), ...headers });
    }
    const controller = new AbortController();
    const leave = () => {
      if (!res.writableFinished) controller.abort(new WheelhouseError('upstream_cut', left));
    };
    res.once('close', leave);
    // It left while the body was read.
    if (res.destroyed) leave();
    const { traceparent } = req.headers;
    const shared = {
      ...{ by, deadlineMs, run: null, signal: controller.signal, onStart: null, onText: null },
      model: refOf(path, body.version),
      labels: { tags, user, session, metadata },
      traceparent: typeof traceparent === 'string' ? traceparent : null,
      userAgent: req.headers['user-agent'] ?? null,
      resume: (body.resume ?? null) as TraceId | null,
    };
    const askOf = (input: Json) => ({
      input,
      messages: body.messages as Json[],
      parameters: body.parameters as JsonObject,
    });
    if (body.inputs !== undefined) {
      if (body.stream || body.resume !== undefined)
        throw new WheelhouseError('invalid_request', '`inputs` goes with neither `stream` nor `resume`.', {
          param: 'inputs',
          hint: 'Send one input a request for those.',
        });
      const ask = (input: Json) => predictor.predict({ ...shared, ask: askOf(input) });
      const all = await inPool(inputs, body.concurrency, ask);
      return sendJson(res, 200, { data: all.map(answerBody) }, null);
    }
    const ask = askOf(inputs[0] ?? {});
    if (body.stream) return stream(res, (heard) => predictor.predict({ ...shared, ...heard, ask }));
    sendAnswer(res, await predictor.predict({ ...shared, ask }));
  }

  return { handle };
}
