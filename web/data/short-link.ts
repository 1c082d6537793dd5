/** What an id alone says about where it leads. */
export type ShortLink =
  | { to: 'trace'; traceId: string; spanId: string | null }
  /** A span says nothing of its trace. */
  | { to: 'span'; spanId: string }
  | { to: 'evaluation' | 'optimization' | 'run' | 'dataset' | 'release' | 'alert'; id: string };

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const traceAndSpan = /^([0-9a-f]{32})(?:[-.:]([0-9a-f]{16}))?$/;
const span = /^[0-9a-f]{16}$/;
const record = /^(ev|op|run|ds|rel|al)_[0-9a-z]+$/;
const records = {
  ev: 'evaluation',
  op: 'optimization',
  run: 'run',
  ds: 'dataset',
  rel: 'release',
  al: 'alert',
} as const;

/**
 * Reads what a log line, a header or a terminal shows: a trace id, a trace and a span id with any mark between, a whole
 * W3C `traceparent`, or the id of an evaluation, an optimization, a run, a dataset, a release or an alert. Null for
 * anything else.
 */
export function readShortLink(text: string): ShortLink | null {
  const id = text.trim().toLowerCase();
  const [, traceId, spanId = null] = traceparent.exec(id) ?? traceAndSpan.exec(id) ?? [];
  if (traceId) return { to: 'trace', traceId, spanId };
  if (span.test(id)) return { to: 'span', spanId: id };
  const kind = record.exec(id)?.[1] as keyof typeof records | undefined;
  return kind ? { to: records[kind], id } : null;
}
