import {
  type FailingSpan,
  type FailingTrace,
  type IssueCause,
  type IssueOccurrence,
  type IssueSignal,
  nanosToMs,
} from '../../records/index.ts';
import { type BadScoreRules, isBadScore } from './bad-scores.ts';
import { normalMessage } from './normal-message.ts';

const endOf = ({ endNs, startNs }: FailingSpan) => endNs ?? startNs;
const laterFirst = (a: FailingSpan, b: FailingSpan) => {
  const order = endOf(b) - endOf(a) || b.startNs - a.startNs;
  return order === 0n ? (a.spanId < b.spanId ? -1 : 1) : order < 0n ? -1 : 1;
};

/**
 * The span that an error comes from: one that failed and below which none did; of several the last to end, since those
 * before were got over.
 */
function causeSpan(spans: readonly FailingSpan[]): FailingSpan | null {
  const failed = spans.filter(({ isError }) => isError);
  const above = new Set(failed.map(({ parentSpanId }) => parentSpanId));
  return failed.filter(({ spanId }) => !above.has(spanId)).toSorted(laterFirst)[0] ?? null;
}

/** The span that stands above all. */
function topOf(spans: readonly FailingSpan[]): FailingSpan | null {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return (
    spans.find(({ parentSpanId }) => parentSpanId === null) ??
    spans.find(({ parentSpanId }) => parentSpanId === null || !known.has(parentSpanId)) ??
    null
  );
}

/** Records keep no U+0000. */
const plain = (text: string) => text.replaceAll('\0', ' ');
const modelOf = (span: FailingSpan) => span.version?.model ?? span.baseModel;

/** In which ways a trace fails, at most once by each signal and name. Evaluations and judges are left out: they say it themselves. */
export function occurrencesOf(
  { traceId, user, isOurs, spans, scores }: FailingTrace,
  rules: BadScoreRules = new Map(),
): IssueOccurrence[] {
  const top = topOf(spans);
  if (isOurs || top === null) return [];
  const version = spans.find((span) => span.version !== null)?.version ?? null;
  const model = version?.model ?? spans.map(modelOf).find((name) => name !== '') ?? '';
  const asked = plain(
    top.input || (spans.find(({ kind, input }) => kind === 'generation' && input !== '')?.input ?? ''),
  );
  const base = { traceId, user, version, atMs: Math.floor(nanosToMs(top.startNs)) };
  const found: IssueOccurrence[] = [];
  const failed = causeSpan(spans);
  if (failed !== null) {
    const signal: IssueSignal = top.isError ? 'error' : 'handled';
    const cause: IssueCause = {
      ...{ signal, what: normalMessage(plain(failed.errorType)), step: normalMessage(plain(failed.name)) },
      model: modelOf(failed) || model,
    };
    found.push({ ...base, spanId: failed.spanId, cause, text: normalMessage(plain(failed.message)) });
  }
  const refused = spans.find(({ refusal }) => refusal !== '');
  if (refused !== undefined) {
    const cause: IssueCause = { signal: 'refusal', what: refused.refusal, step: '', model: modelOf(refused) || model };
    found.push({ ...base, spanId: refused.spanId, cause, text: asked });
  }
  for (const score of scores.filter((one) => isBadScore(one, rules)))
    found.push({ ...base, spanId: null, cause: { signal: 'score', what: score.name, step: '', model }, text: asked });
  return found;
}

/** By it an occurrence of a trace is found again. */
export const signalKey = ({ signal, what }: IssueCause): string => (signal === 'score' ? `score:${what}` : signal);
