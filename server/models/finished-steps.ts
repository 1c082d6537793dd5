import type { WholeSpans } from '@wheelhouse/core/ports';
import {
  contentHash,
  type Json,
  type ProjectId,
  type Span,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';

/** What steps gave that were done before, by the version that they belong to, their place in it and their input. */
export type FinishedSteps = { find(of: string, path: string, inputHash: string): { output: Json } | null };

/** Attributes of the span of a step. */
export const stepNames = {
  path: 'wheelhouse.step',
  of: 'wheelhouse.step.of',
  input: 'wheelhouse.step.input',
  output: 'wheelhouse.step.output',
  resumed: 'wheelhouse.step.resumed',
} as const;

const keyOf = (of: string, path: string, inputHash: string) => `${of}\n${path}\n${inputHash}`;

/** null: it is no step, was not finished, or is not stored as it was, as where a secret was taken out. */
function finished({ status, attributes, output }: Span): { key: string; output: Json } | null {
  const path = attributes[stepNames.path];
  const of = attributes[stepNames.of];
  const inputHash = attributes[stepNames.input];
  if (status !== 'ok' || output?.type !== 'json') return null;
  if (typeof path !== 'string' || typeof of !== 'string' || typeof inputHash !== 'string') return null;
  if (contentHash(output.value) !== attributes[stepNames.output]) return null;
  return { key: keyOf(of, path, inputHash), output: output.value };
}

/** @throws WheelhouseError `not_found` when there is no such trace */
export async function readFinishedSteps(
  spans: Pick<WholeSpans, 'ofTraces'>,
  project: ProjectId,
  traceId: TraceId,
): Promise<FinishedSteps> {
  const steps: { spanId: SpanId; key: string; output: Json }[] = [];
  const holders = new Set<SpanId>();
  let count = 0;
  for await (const span of spans.ofTraces(project, [traceId])) {
    count++;
    if (span.attributes[stepNames.path] !== undefined && span.parentSpanId !== null) holders.add(span.parentSpanId);
    const step = finished(span);
    if (step !== null) steps.push({ spanId: span.spanId, ...step });
  }
  if (count === 0)
    throw new WheelhouseError('not_found', `There is no trace \`${traceId}\` to resume.`, {
      param: 'resume',
      hint: 'Give the trace id of the run that failed, from its x-wheelhouse-trace-id.',
    });
  // What a step gives that holds other steps depends on more than its own input: those inside are known for themselves.
  const found = new Map(steps.filter(({ spanId }) => !holders.has(spanId)).map(({ key, output }) => [key, output]));
  return {
    find(of, path, inputHash) {
      const output = found.get(keyOf(of, path, inputHash));
      return output === undefined ? null : { output };
    },
  };
}
