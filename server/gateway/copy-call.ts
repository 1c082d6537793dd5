import type { CallCopier, CancelSignal, Predictor } from '@wheelhouse/core/ports';
import { copier, copyRun, copyStopped, copyTag } from '@wheelhouse/core/records';
import { createHealth } from '@wheelhouse/core/route';
import { Call, type CallDeps, type CallInput } from './call.ts';
import { noControl } from './control-headers.ts';
import type { EndedCall } from './ended-call.ts';
import type { Outlet, Running } from './outlet.ts';
import { serveStepped } from './stepped-call.ts';

export type CopyCallDeps = CallDeps & {
  copier: CallCopier;
  /** Of models that are no single call. */
  predictor: Predictor;
};

/** A copy that nobody waits for ends, sooner or later. */
const longestMs = 120_000;

function begin(deps: CopyCallDeps, input: CallInput, outlet: Outlet): Running {
  const { stepped } = input.task;
  if (stepped !== undefined) return serveStepped(deps, { input, stepped, outlet });
  // What a copy meets at a vendor makes no other call wait, and no other copy fail.
  const call = new Call({ ...deps, health: createHealth() }, input, outlet);
  call.start();
  return call;
}

/** Asks the version that only listens what a call asked, as nobody's call, and resolves when it is over. */
function copyOf(deps: CopyCallDeps, { input, release, call }: { input: CallInput; release: string; call: EndedCall }) {
  return (signal: CancelSignal) =>
    new Promise<void>((resolve) => {
      const made = input.task.copy?.();
      if (made === undefined || signal.aborted) return resolve();
      const over = () => resolve();
      const outlet: Outlet = { start() {}, write: () => true, end() {}, fail: over, over };
      const asked: CallInput = {
        task: { ...made, user: null, session: null },
        by: copier(input.by.project, release),
        ...{ traceparent: null, userAgent: null, origin: 'shadow', startMs: performance.now() },
        control: { ...noControl, tags: [copyTag], deadlineMs: input.control.deadlineMs ?? longestMs },
        run: copyRun(release, call.facts),
      };
      const running = begin(deps, asked, outlet);
      signal.addEventListener('abort', () => running.abort(copyStopped), { once: true });
    });
}

/**
 * A call that a version which only listens is asked as well, after its answer went out. Not what its caller left, and not
 * what was answered by the call of somebody else.
 */
export function copying(
  deps: CopyCallDeps,
  { input, outlet }: { input: CallInput; outlet: Outlet },
  run: (outlet: Outlet) => Running,
): Running {
  const release = input.task.target.chosen?.release;
  if (input.task.copy === undefined || release === undefined) return run(outlet);
  let left = false;
  const running = run({
    start: (head) => outlet.start(head),
    write: (chunk) => outlet.write(chunk),
    end: () => outlet.end(),
    fail: (error, headers) => outlet.fail(error, headers),
    over(call) {
      outlet.over(call);
      if (call !== null && call.followed === null && !left) deps.copier.offer(copyOf(deps, { input, release, call }));
    },
  });
  return {
    abort(reason) {
      left = true;
      running.abort(reason);
    },
    resume: () => running.resume(),
  };
}
