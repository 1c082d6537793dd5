declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ProjectId = Branded<'ProjectId'>;
/** 32 lower-case hex digits (W3C Trace Context). */
export type TraceId = Branded<'TraceId'>;
/** 16 lower-case hex digits (W3C Trace Context). */
export type SpanId = Branded<'SpanId'>;
export type ModelId = Branded<'ModelId'>;
export type DatasetId = Branded<'DatasetId'>;
export type ExampleId = Branded<'ExampleId'>;
export type RunId = Branded<'RunId'>;
export type EvaluationId = Branded<'EvaluationId'>;
export type ScoreId = Branded<'ScoreId'>;
export type ViewId = Branded<'ViewId'>;
export type DeletionId = Branded<'DeletionId'>;
export type KeyId = Branded<'KeyId'>;
export type PersonId = Branded<'PersonId'>;
export type TeamId = Branded<'TeamId'>;
export type InvitationId = Branded<'InvitationId'>;
export type SessionId = Branded<'SessionId'>;
export type ProviderKeyId = Branded<'ProviderKeyId'>;
export type FileId = Branded<'FileId'>;
export type BatchId = Branded<'BatchId'>;
/** The first 22 characters of the SHA-256 of the bytes, in base64url, as Langfuse's clients compute it. */
export type AttachmentId = Branded<'AttachmentId'>;
export type BudgetId = Branded<'BudgetId'>;
export type LimitId = Branded<'LimitId'>;
export type HostId = Branded<'HostId'>;
export type AliasRequestId = Branded<'AliasRequestId'>;
export type CommentId = Branded<'CommentId'>;
export type ReviewQueueId = Branded<'ReviewQueueId'>;
export type FeedbackKeyId = Branded<'FeedbackKeyId'>;

type IdOf = {
  md: ModelId;
  ds: DatasetId;
  ex: ExampleId;
  run: RunId;
  ev: EvaluationId;
  sc: ScoreId;
  vw: ViewId;
  del: DeletionId;
  key: KeyId;
  pn: PersonId;
  tm: TeamId;
  inv: InvitationId;
  ses: SessionId;
  pk: ProviderKeyId;
  file: FileId;
  batch: BatchId;
  bg: BudgetId;
  lm: LimitId;
  host: HostId;
  arq: AliasRequestId;
  cm: CommentId;
  rq: ReviewQueueId;
  fk: FeedbackKeyId;
  prj: ProjectId;
  dl: string;
  price: string;
  rp: string;
  rn: string;
  exp: string;
  dj: string;
  dash: string;
  on: string;
  dr: string;
  scr: string;
  rel: string;
  mon: string;
  al: string;
  dv: string;
  op: string;
  pl: string;
  plr: string;
};

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

function toCrockford(value: bigint, digits: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < digits; i++) {
    text = crockford[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}

/** Bytes of randomness that {@link newId} takes. */
export const idRandomBytes = 5;

/**
 * A sortable id: prefix, nine base-32 digits of milliseconds since 1970, eight random ones (40 bits).
 * @param random at least {@link idRandomBytes} bytes
 */
export function newId<P extends keyof IdOf>(prefix: P, nowMs: number, random: Uint8Array): IdOf[P] {
  let bits = 0n;
  for (const byte of random.subarray(0, idRandomBytes)) bits = (bits << 8n) | BigInt(byte);
  return `${prefix}_${toCrockford(BigInt(Math.trunc(nowMs)), 9)}${toCrockford(bits, 8)}` as IdOf[P];
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array, count: number): string {
  let text = '';
  for (let at = 0; at < count; at += 1) text += hexOfByte[bytes[at] ?? 0];
  return text;
}

/** @param random 16 bytes */
export const newTraceId = (random: Uint8Array): TraceId => hex(random, 16) as TraceId;
/** @param random 8 bytes */
export const newSpanId = (random: Uint8Array): SpanId => hex(random, 8) as SpanId;

const allZero = /^0+$/;
/** The trace id if the text is one (32 hex digits, not all zero), in lower case. */
export function parseTraceId(text: string): TraceId | null {
  return /^[0-9a-f]{32}$/i.test(text) && !allZero.test(text) ? (text.toLowerCase() as TraceId) : null;
}
/** The span id if the text is one (16 hex digits, not all zero), in lower case. */
export function parseSpanId(text: string): SpanId | null {
  return /^[0-9a-f]{16}$/i.test(text) && !allZero.test(text) ? (text.toLowerCase() as SpanId) : null;
}

/** W3C `traceparent`, version 00 and later; null when malformed, which means: start a new trace. */
export function parseTraceparent(header: string): { traceId: TraceId; spanId: SpanId; sampled: boolean } | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header.trim());
  if (!match || match[1] === 'ff' || (match[1] === '00' && match[5] !== undefined)) return null;
  const traceId = parseTraceId(match[2] ?? '');
  const spanId = parseSpanId(match[3] ?? '');
  if (!traceId || !spanId) return null;
  return { traceId, spanId, sampled: (Number.parseInt(match[4] ?? '0', 16) & 1) === 1 };
}

export const defaultProjectId = 'default' as ProjectId;
