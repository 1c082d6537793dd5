import {
  canonicalJson,
  type Json,
  type JsonObject,
  type Span,
  type SpanEvent,
  sortEvents,
  withMessageEvents,
} from '@wheelhouse/core/records';

/** Fields that one fragment gives together, whether it says anything there, and what tells equals apart. */
type Unit = { fields: (keyof Span)[]; present: (span: Span) => boolean };

/** Empty text is no value, except where any JSON may stand. */
const isBlank = (field: string, value: unknown) => value === null || (value === '' && field !== 'toolDefinitions');

const single: (keyof Span)[] = [
  'parentSpanId',
  'name',
  'statusMessage',
  'provider',
  'requestModel',
  'responseModel',
  'responseId',
  'model',
  'params',
  'input',
  'output',
  'toolDefinitions',
  'toolCall',
  'usage',
  'cost',
  'emitterCostNanoUsd',
  'sessionId',
  'userId',
  'environment',
  'release',
  'run',
  'service',
];
const collections: (keyof Span)[] = ['finishReasons', 'documents', 'tags'];

const units: Unit[] = [
  ...single.map((field): Unit => ({ fields: [field], present: (span) => !isBlank(field, span[field]) })),
  ...collections.map(
    (field): Unit => ({ fields: [field], present: (span) => Object.keys(span[field] ?? {}).length > 0 }),
  ),
  { fields: ['kind'], present: (span) => span.kind !== 'span' },
  { fields: ['status'], present: (span) => span.status !== 'unset' },
  { fields: ['dialect', 'normalizer'], present: (span) => span.dialect !== '' },
];

function rankOf(span: Span, { fields }: Unit): string {
  const values = fields.map((field) => span[field]);
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'object' && value !== null ? JSON.parse(canonicalJson(toJson(value))) : value;
  });
}

const toJson = (value: object): Json =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)));

/** A value beats none, then a later report an earlier one, then a finished fragment an unfinished one, then content decides. */
function beats(a: Span, b: Span, unit: Unit): boolean {
  if (unit.present(a) !== unit.present(b)) return unit.present(a);
  const [revisionA, revisionB] = unit.fields.includes('cost') ? [a.cost?.revision ?? 0, b.cost?.revision ?? 0] : [0, 0];
  if (revisionA !== revisionB) return revisionA > revisionB;
  const [reportedA, reportedB] = [a.reportedNs ?? 0n, b.reportedNs ?? 0n];
  if (reportedA !== reportedB) return reportedA > reportedB;
  if ((a.endNs === null) !== (b.endNs === null)) return a.endNs !== null;
  return rankOf(a, unit) > rankOf(b, unit);
}

const least = (values: bigint[]) => values.reduce<bigint | null>((m, v) => (m === null || v < m ? v : m), null);
const greatest = (values: bigint[]) => values.reduce<bigint | null>((m, v) => (m === null || v > m ? v : m), null);
const known = (values: (bigint | null)[]): bigint[] => values.filter((value) => value !== null);

/** Log records bring the messages of a call one by one, each as an event: all of them count, each once. */
function uniteEvents(fragments: readonly Span[]): SpanEvent[] {
  const events = fragments.flatMap((span) => span.events);
  return sortEvents([...new Map(events.map((event) => [canonicalJson(toJson(event)), event])).values()]);
}

/** Reports add members to what was said before; of one member the value of the fragment that beats the others counts. */
function uniteObjects(fragments: readonly Span[], field: 'metadata' | 'attributes'): JsonObject {
  const unit: Unit = { fields: [field], present: () => true };
  const ordered = [...fragments].sort((a, b) => (beats(a, b, unit) ? 1 : -1));
  return Object.fromEntries(ordered.flatMap((span) => Object.entries(span[field])));
}

const blankToNull = (span: Span): Span =>
  Object.fromEntries(
    Object.entries(span).map(([key, value]) => [
      key,
      isBlank(key, value) && key !== 'name' && key !== 'dialect' ? null : value,
    ]),
  ) as Span;

const rawOf = ({ attributes, events, startNs, endNs, reportedNs }: Span): string =>
  canonicalJson(toJson({ attributes, events: sortEvents(events), startNs, endNs, reportedNs: reportedNs ?? 0n }));

/** What an older normaliser made of a fragment that a newer one read again counts for nothing. */
function current(fragments: readonly [Span, ...Span[]]): readonly [Span, ...Span[]] {
  const newest = new Map<string, number>();
  for (const span of fragments)
    if (span.readAnew) newest.set(rawOf(span), Math.max(span.normalizer, newest.get(rawOf(span)) ?? 0));
  const [first = fragments[0], ...rest] = fragments.filter(
    (span) => Object.keys(span.attributes).length === 0 || span.normalizer >= (newest.get(rawOf(span)) ?? 0),
  );
  return [first, ...rest];
}

/** The fold that every span store does: field by field, the same for any order and number of the same fragments. */
export function foldSpan(all: readonly [Span, ...Span[]]): Span {
  const fragments = current(all);
  const folded: Span = { ...fragments[0] };
  for (const unit of units) {
    const winner = fragments.reduce((best, span) => (beats(span, best, unit) ? span : best));
    for (const field of unit.fields) Object.assign(folded, { [field]: winner[field] });
  }
  folded.startNs = least(fragments.map((span) => span.startNs)) ?? folded.startNs;
  folded.endNs = greatest(known(fragments.map((span) => span.endNs)));
  folded.firstTokenNs = least(known(fragments.map((span) => span.firstTokenNs)));
  folded.events = uniteEvents(fragments);
  folded.metadata = uniteObjects(fragments, 'metadata');
  folded.attributes = uniteObjects(fragments, 'attributes');
  const { reportedNs: _, readAnew: __, ...span } = folded;
  return withMessageEvents(blankToNull(span));
}
