import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, WheelhouseError } from '@wheelhouse/core/records';
import protobuf from 'protobufjs/minimal.js';
import type { OtlpEncoding, OtlpSignal } from './otlp-values.ts';

const mediaTypes: Record<OtlpEncoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };

/** google.rpc.Code of what can go wrong here. */
const rpcCodes: Partial<Record<ErrorCode, number>> = {
  forbidden_host: 7,
  forbidden_origin: 7,
  body_too_large: 8,
  method_not_allowed: 12,
  internal: 13,
  store_unavailable: 14,
  unauthorized: 16,
};
const invalidArgument = 3;

/** How the request is written; null when its content type is none of the protocol's. */
export function encodingOf(req: IncomingMessage): OtlpEncoding | null {
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : null;
}

type Answer = { status: number; body: Uint8Array | string; headers?: Record<string, string> };

function send(req: IncomingMessage, res: ServerResponse, { status, body, headers }: Answer): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const type = mediaTypes[encodingOf(req) ?? 'json'];
  res.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  res.end(bytes);
}

const rejectedMember: Record<OtlpSignal, string> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

export type Refused = { count: number; sentences: string[] };

function messageOf({ sentences }: Refused): string {
  const different = [...new Set(sentences)];
  const shown = different.slice(0, 3).join('; ');
  return different.length > 3 ? `${shown}; and ${different.length - 3} more` : shown;
}

/** Export…ServiceResponse: empty when all was stored, else how much was not and why. */
export function sendStored(
  req: IncomingMessage,
  res: ServerResponse,
  { signal, refused }: { signal: OtlpSignal; refused: Refused },
): void {
  const message = messageOf(refused);
  if (encodingOf(req) !== 'protobuf') {
    const partialSuccess = { [rejectedMember[signal]]: String(refused.count), errorMessage: message };
    send(req, res, { status: 200, body: JSON.stringify(refused.count === 0 ? {} : { partialSuccess }) });
    return;
  }
  const writer = protobuf.Writer.create();
  if (refused.count > 0) writer.uint32(10).fork().uint32(8).int64(refused.count).uint32(18).string(message).ldelim();
  send(req, res, { status: 200, body: writer.finish() });
}

/** google.rpc.Status in the request's encoding, as the protocol asks of every refusal. */
export function sendOtlpError(req: IncomingMessage, res: ServerResponse, error: WheelhouseError): void {
  const code = rpcCodes[error.code] ?? invalidArgument;
  const message = `${error.message} ${error.hint}`;
  const body =
    encodingOf(req) === 'protobuf'
      ? protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message).finish()
      : JSON.stringify({ code, message });
  send(req, res, {
    status: error.status,
    body,
    headers: {
      // Exporters send again after 429, 502, 503 and 504, and only then.
      ...([429, 502, 503, 504].includes(error.status) ? { 'retry-after': '1' } : {}),
      ...(error.status === 405 ? { allow: 'POST' } : {}),
      ...(error.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
  });
}

export const unknownFault = (cause: unknown): WheelhouseError =>
  cause instanceof WheelhouseError
    ? cause
    : new WheelhouseError('internal', 'Something went wrong inside Wheelhouse.', { cause });
