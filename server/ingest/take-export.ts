import type { Clock, SpanSink } from '@wheelhouse/core/ports';
import { type ProjectId, type Score, type Span, WheelhouseError } from '@wheelhouse/core/records';
import { normalizeSpan, type OtlpSpan, readLogs } from '@wheelhouse/core/trace';
import type { Ledger } from './ledger.ts';
import { decodeTraces } from './otlp.ts';
import type { Refused } from './otlp-answer.ts';
import { decodeLogs } from './otlp-logs.ts';
import { countDataPoints } from './otlp-metrics.ts';
import type { OtlpEncoding, OtlpSignal } from './otlp-values.ts';
import { wireJson } from './wire-json.ts';

export type ExportTakerDeps = {
  sink: Pick<SpanSink, 'append'>;
  ledger: Pick<Ledger, 'add' | 'reject'>;
  /** Takes the evaluation results among log records; durable when it resolves. */
  saveScores(project: ProjectId, scores: Score[]): Promise<void>;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

/** One request, read and decompressed. */
export type Export = { body: Buffer; encoding: OtlpEncoding; project: ProjectId; path: string };
type Rejected = { reason: string; sentence: string; count?: number; wire?: object };

const dayNs = 86_400_000_000_000n;

/** The names of the three doors in the ledger. */
export const sources: Record<OtlpSignal, string> = { traces: 'otlp', logs: 'otlp-logs', metrics: 'otlp-metrics' };

/**
 * Stores what an export holds and is kept, and books the rest, a part at a time. Resolves with what was refused.
 * @throws WheelhouseError when the request as a whole cannot be read, or what it holds not be stored
 */
export function createExportTaker(deps: ExportTakerDeps): Record<OtlpSignal, (given: Export) => Promise<Refused>> {
  const { sink, ledger } = deps;

  /** Books what an export held and is not kept; each part that can be repaired becomes a letter of its own. */
  function refuse(signal: OtlpSignal, { project, path }: Export, rejected: Rejected[]): Refused {
    for (const { reason, sentence, count = 1, wire } of rejected) {
      const letter = wire && { path, contentType: 'application/json', body: Buffer.from(wireJson(wire)) };
      const item = { project, source: sources[signal], reason, sample: sentence, spans: count };
      ledger.reject(letter ? { ...item, letter } : item);
    }
    return {
      count: rejected.reduce((sum, { count = 1 }) => sum + count, 0),
      sentences: rejected.map(({ sentence }) => sentence),
    };
  }

  /** What reading one span does wrong must not cost the others. */
  function normalized(spans: OtlpSpan[], project: ProjectId): { spans: Span[]; unreadable: Rejected[] } {
    const unreadable: Rejected[] = [];
    const read = spans.flatMap((span): Span[] => {
      try {
        return [normalizeSpan(span, project)];
      } catch (err) {
        deps.log.error({ err, span: span.name }, 'a span cannot be read');
        unreadable.push({ reason: 'unreadable', sentence: `span \`${span.name}\` cannot be read` });
        return [];
      }
    });
    return { spans: read, unreadable };
  }

  /** Begins to store what can be read. Apart, so that nobody holds on to the spans who waits until they are stored. */
  function storeTraces({ body, encoding, project }: Export): { stored: Promise<void>; rejected: Rejected[] } {
    const decoded = decodeTraces(body, encoding, { latestNs: deps.clock.now() + dayNs });
    const { spans, unreadable } = normalized(decoded.spans, project);
    const broken = decoded.rejected.map(({ name, reason, wire }) => ({
      reason,
      wire,
      sentence: `span \`${name}\`: ${reason}`,
    }));
    return { stored: sink.append(spans, sources.traces), rejected: [...broken, ...unreadable] };
  }

  async function takeTraces(given: Export): Promise<Refused> {
    const { stored, rejected } = storeTraces(given);
    // After what may have to be sent again: the broken ones would be counted twice.
    await stored;
    return refuse('traces', given, rejected);
  }

  async function takeLogs(given: Export): Promise<Refused> {
    const { body, encoding, project } = given;
    const decoded = decodeLogs(body, encoding);
    const { spans, scores, unread } = readLogs(decoded.records, project);
    const broken = decoded.rejected.map(({ name, reason, wire }) => ({
      reason,
      wire,
      sentence: `log record \`${name}\`: ${reason}`,
    }));
    const passed = unread.map(({ reason, sample }) => ({ reason, sentence: sample }));
    await sink.append(spans, sources.logs);
    if (scores.length > 0) {
      const counted = { project, source: sources.logs, spans: scores.length };
      ledger.add({ type: 'received', ...counted });
      try {
        await deps.saveScores(project, scores);
        ledger.add({ type: 'stored', ...counted, from: 'memory' });
      } catch (error) {
        const reason = error instanceof WheelhouseError ? error.code : 'store_refused';
        ledger.add({ type: 'rejected', ...counted, from: 'memory', reason, sample: String(error) });
        throw error;
      }
    }
    return refuse('logs', given, [...broken, ...passed]);
  }

  async function takeMetrics(given: Export): Promise<Refused> {
    const { body, encoding } = given;
    const sentence = 'Wheelhouse keeps no metrics: it computes its own of the spans; set OTEL_METRICS_EXPORTER=none';
    const counts = [...countDataPoints(body, encoding)].filter(([, count]) => count > 0);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return refuse('metrics', given, []);
    refuse('metrics', given, [
      { reason: 'metrics are not kept', sentence: counts.map(([name]) => name).join(', '), count: total },
    ]);
    return { count: total, sentences: [sentence] };
  }

  return { traces: takeTraces, logs: takeLogs, metrics: takeMetrics };
}
