export type Family = {
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  response_id: string;
  dialect: string;
  /** Decimal. */
  start_ns: string;
  is_call: boolean | number;
};

/**
 * Calls around other calls, at any depth. Parents may form a ring, because they are what was sent: a call is not around
 * itself. Two calls below a span tell all there is to know of it, so each span is visited twice at most.
 */
function outerCalls(spans: readonly Family[]): Set<Family> {
  const byPlace = new Map(spans.map((span) => [`${span.trace_id} ${span.span_id}`, span]));
  const parentOf = (span: Family) => byPlace.get(`${span.trace_id} ${span.parent_span_id}`);
  const below = new Map<Family, Set<Family>>();
  for (const call of spans) {
    if (!call.is_call) continue;
    for (let span = parentOf(call); span; span = parentOf(span)) {
      const calls = below.get(span) ?? new Set();
      if (calls.size === 2 || calls.has(call)) break;
      below.set(span, calls.add(call));
    }
  }
  const outer = [...below].filter(([span, calls]) => span.is_call && (calls.size === 2 || !calls.has(span)));
  return new Set(outer.map(([span]) => span));
}

/** Of two reports of one response: the gateway's, which saw what was billed, else the one that began first. */
function beats(a: Family, b: Family): boolean {
  if ((a.dialect === 'gateway') !== (b.dialect === 'gateway')) return a.dialect === 'gateway';
  const [startA, startB] = [BigInt(a.start_ns), BigInt(b.start_ns)];
  return startA !== startB ? startA < startB : a.span_id < b.span_id;
}

/**
 * The calls whose usage does not count, because another call's does: those around other calls, whose sum they repeat, as
 * the outer spans of AI SDK do, and of several with one response id all but one.
 */
export function uncountedCalls(spans: readonly Family[]): Set<Family> {
  const uncounted = outerCalls(spans);
  const counted = new Map<string, Family>();
  for (const call of spans) {
    if (!call.is_call || call.response_id === '' || uncounted.has(call)) continue;
    const key = `${call.trace_id} ${call.response_id}`;
    const other = counted.get(key);
    if (other === undefined || beats(call, other)) {
      counted.set(key, call);
      if (other) uncounted.add(other);
    } else uncounted.add(call);
  }
  return uncounted;
}
