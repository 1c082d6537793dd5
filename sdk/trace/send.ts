import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What became of one export request, by the rules of OTLP/HTTP 1.10. */
export type Outcome =
  | { type: 'stored'; rejected: number; reason: string }
  /** Worth another try: the server is away, or said so. `afterMs`: when it asked for, null when it did not say. */
  | { type: 'away'; reason: string; afterMs: number | null }
  | { type: 'tooLarge'; reason: string }
  /** Final: the same request would be refused again. */
  | { type: 'refused'; reason: string };

export type Send = (body: Uint8Array, signal: AbortSignal) => Promise<Outcome>;

export type SendOptions = {
  /** Of the server, without a slash at the end. */
  url: string;
  apiKey: string | null;
  /** How long one request may take. */
  timeoutMs: number;
};

/** The only answers after which OTLP lets a client try again. */
const retryable = new Set([429, 502, 503, 504]);
/** A longer Retry-After is cut: the server would be asked again at the next start anyway. */
const maxRetryAfterMs = 300_000;
const gzipFrom = 1024;
const zip = promisify(gzip);

function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), maxRetryAfterMs) : null;
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Something else answered; its text says what.
  }
  return text.slice(0, 200).trim();
}

function storedOutcome(text: string): Outcome {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown };
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return {
      type: 'stored',
      rejected: Number.isFinite(rejected) ? rejected : 0,
      reason: String(partialSuccess?.errorMessage ?? ''),
    };
  } catch {
    // Of a 200 with a body that is none of OTLP's, the status counts.
    return { type: 'stored', rejected: 0, reason: '' };
  }
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  if (response.ok) return storedOutcome(text);
  const reason = `HTTP ${response.status} ${messageIn(text)}`.trim();
  if (retryable.has(response.status))
    return { type: 'away', reason, afterMs: retryAfterMs(response.headers.get('retry-after')) };
  return { type: response.status === 413 ? 'tooLarge' : 'refused', reason };
}

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message;
  return String(cause);
};

/** Posts OTLP/JSON to `<url>/v1/traces`; resolves whatever happens. */
export function createSend(options: SendOptions): Send {
  const headers = {
    'content-type': 'application/json',
    ...(options.apiKey === null ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };
  return async (body, signal) => {
    try {
      const zipped = body.length < gzipFrom ? null : await zip(body);
      const response = await fetch(`${options.url}/v1/traces`, {
        method: 'POST',
        headers: zipped === null ? headers : { ...headers, 'content-encoding': 'gzip' },
        body: (zipped ?? body) as Uint8Array<ArrayBuffer>,
        signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
      });
      return await outcomeOf(response);
    } catch (error) {
      return { type: 'away', reason: causeOf(error), afterMs: null };
    }
  };
}
