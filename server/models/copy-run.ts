import type { CallCopier, Predicted, PredictRequest } from '@wheelhouse/core/ports';
import { copier, copyRun, copyTag, type SpanId, type TraceId } from '@wheelhouse/core/records';
import type { Target } from '@wheelhouse/core/route';

type Run = {
  request: PredictRequest;
  target: Pick<Target, 'chosen' | 'name'>;
  of: { traceId: TraceId; spanId: SpanId };
  ask(request: PredictRequest): Promise<Predicted>;
};

/** A copy that nobody waits for ends, sooner or later. */
const longestMs = 120_000;

/** Has the version that only listens asked what a run was asked, unless its caller left, or went on with an older one. */
export function offerCopy(calls: CallCopier, { request, target: { chosen, name }, of, ask }: Run): void {
  if (chosen?.copyTo == null || request.signal.aborted || request.resume !== null) return;
  const { by, deadlineMs, ask: asked, onText } = request;
  const { release, copyTo } = chosen;
  calls.offer(async (signal) => {
    await ask({
      ...{ model: `${name}@${copyTo}`, ask: asked, by: copier(by.project, release), run: copyRun(release, of), signal },
      labels: { tags: [copyTag], user: null, session: null, metadata: {} },
      ...{ traceparent: null, userAgent: null, resume: null, onStart: null, deadlineMs: deadlineMs ?? longestMs },
      onText: onText === null ? null : () => {},
    });
  });
}
