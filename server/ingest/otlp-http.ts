import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { SpanSink } from '@wheelhouse/core/ports';
import { type Actor, type ErrorCode, WheelhouseError } from '@wheelhouse/core/records';
import { normalizeSpan } from '@wheelhouse/core/trace';
import protobuf from 'protobufjs/minimal.js';
import type { Ledger } from './ledger.ts';
import { type DecodedTraces, decodeTraces, type OtlpEncoding } from './otlp.ts';

export type OtlpHandlerDeps = {
  sink: Pick<SpanSink, 'append'>;
  ledger: Pick<Ledger, 'add'>;
  /** Most bytes of a request, before and after decompression. */
  bodyLimit: number;
};

export type OtlpHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  /** `readBody` throws `body_too_large` beyond the limit. */
  context: { by: Actor; readBody(): Promise<Buffer> },
) => Promise<void>;

const mediaTypes: Record<OtlpEncoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };

/** google.rpc.Code of what can go wrong here. */
const rpcCodes: Partial<Record<ErrorCode, number>> = {
  body_too_large: 8,
  method_not_allowed: 12,
  store_unavailable: 14,
};
const invalidArgument = 3;

function encodingOf(req: IncomingMessage): OtlpEncoding | null {
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : null;
}

const tooLarge = (limit: number) =>
  new WheelhouseError(
    'body_too_large',
    `The request is larger than ${limit.toLocaleString('en-US')} bytes once decompressed.`,
  );

async function decompress(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  if (encoding === '' || encoding === 'identity') return body;
  const inflater = encoding === 'gzip' || encoding === 'x-gzip' ? gunzip : encoding === 'deflate' ? inflate : null;
  if (inflater === null)
    throw new WheelhouseError(
      'unsupported_media_type',
      `The Content-Encoding \`${encoding.slice(0, 40)}\` is not supported.`,
      {
        hint: 'Send with Content-Encoding gzip, or without one.',
      },
    );
  try {
    return await promisify<Buffer, { maxOutputLength: number }, Buffer>(inflater)(body, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limit);
    throw new WheelhouseError('invalid_request', `The request body is not valid ${encoding}.`, {
      hint: 'Compress the body as Content-Encoding says, or leave the header out.',
      cause,
    });
  }
}

type Answer = { status: number; body: Uint8Array | string; headers?: Record<string, string> };

function send(res: ServerResponse, encoding: OtlpEncoding, { status, body, headers }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  res.writeHead(status, { 'content-type': mediaTypes[encoding], 'content-length': bytes.length, ...headers });
  res.end(bytes);
}

/** ExportTraceServiceResponse: empty when all was stored, else how many spans were not and why. */
function storedBody(encoding: OtlpEncoding, rejected: string[]): Answer['body'] {
  const shown = rejected.slice(0, 3).join('; ');
  const message = rejected.length > 3 ? `${shown}; and ${rejected.length - 3} more` : shown;
  if (encoding === 'json') {
    const partialSuccess = { rejectedSpans: String(rejected.length), errorMessage: message };
    return JSON.stringify(rejected.length === 0 ? {} : { partialSuccess });
  }
  const writer = protobuf.Writer.create();
  if (rejected.length > 0)
    writer.uint32(10).fork().uint32(8).int64(rejected.length).uint32(18).string(message).ldelim();
  return writer.finish();
}

/** google.rpc.Status, as the protocol asks of every refusal. */
function errorBody(encoding: OtlpEncoding, error: WheelhouseError): Answer['body'] {
  const code = rpcCodes[error.code] ?? invalidArgument;
  const message = `${error.message} ${error.hint}`;
  if (encoding === 'json') return JSON.stringify({ code, message });
  return protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message).finish();
}

/**
 * `POST /v1/traces` of OTLP/HTTP 1.10, protobuf or JSON: 200 only when the spans are stored and synced, 503 when the
 * exporter should send them again, any other refusal final. The answer has the request's content type.
 */
export function createOtlpHandler(deps: OtlpHandlerDeps): OtlpHandler {
  const reject = (spans: number, reason: string, sample: string) =>
    deps.ledger.add({ type: 'rejected', source: 'otlp', spans, from: 'door', reason, sample });

  async function decode(req: IncomingMessage, context: Parameters<OtlpHandler>[2]): Promise<DecodedTraces> {
    try {
      const raw = await context.readBody();
      const encoding = encodingOf(req);
      if (encoding === null)
        throw new WheelhouseError(
          'unsupported_media_type',
          'Traces come as application/x-protobuf or application/json.',
        );
      const body = await decompress(raw, (req.headers['content-encoding'] ?? '').trim().toLowerCase(), deps.bodyLimit);
      return decodeTraces(body, encoding);
    } catch (error) {
      // How many spans it held is unknown, and none would hide it.
      if (error instanceof WheelhouseError) reject(1, error.code, error.message);
      throw error;
    }
  }

  /** Resolves with a sentence for each span that could not be read. */
  async function accept(req: IncomingMessage, context: Parameters<OtlpHandler>[2]): Promise<string[]> {
    if (req.method !== 'POST')
      throw new WheelhouseError('method_not_allowed', `${req.method} is not a method of this path; POST is.`);
    const { spans, rejected } = await decode(req, context);
    const sentences = rejected.map(({ name, reason }) => `span \`${name}\`: ${reason}`);
    for (const [i, { reason }] of rejected.entries()) reject(1, reason, sentences[i] ?? reason);
    await deps.sink.append(spans.map((span) => normalizeSpan(span, context.by.project)));
    return sentences;
  }

  return async (req, res, context) => {
    const encoding = encodingOf(req) ?? 'json';
    try {
      send(res, encoding, { status: 200, body: storedBody(encoding, await accept(req, context)) });
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.code === 'internal') throw error;
      const headers: Record<string, string> = {
        ...(error.status === 503 ? { 'retry-after': '1' } : {}),
        ...(error.status === 405 ? { allow: 'POST' } : {}),
      };
      send(res, encoding, { status: error.status, body: errorBody(encoding, error), headers });
    }
  };
}
