import type { AnswerCache, CacheAsk, CachePlan, CallCopier, Predictor } from '@wheelhouse/core/ports';
import { contentHash, newSpanId, newTraceId, parseTraceparent } from '@wheelhouse/core/records';
import { shadowOf } from '@wheelhouse/core/route';
import { CopyRoom } from './answer-copy.ts';
import { cacheAsk, serveCached } from './cached-answer.ts';
import { Call, type CallDeps, type CallInput } from './call.ts';
import { copying } from './copy-call.ts';
import { Follower } from './follower.ts';
import type { Outlet, Running } from './outlet.ts';
import { createQuestionVectors } from './question-vector.ts';
import { SharedAnswer } from './shared-answer.ts';
import { serveStepped } from './stepped-call.ts';
import type { Tasks } from './tasks.ts';

export type ServeDeps = Omit<CallDeps, 'room'> & {
  /** null: there is none. */
  cache: AnswerCache | null;
  /** Makes embeddings of questions. */
  tasks: Pick<Tasks, 'embeddings'>;
  /** Of models that are no single call. */
  predictor: Predictor;
  copier: CallCopier;
};

const nobody: Outlet = { start() {}, write: () => true, end() {}, fail() {}, over() {} };

/** Before a call is made: the cache, calls that ask the same, and copies that go elsewhere. */
export function createServe(given: ServeDeps) {
  const deps = { ...given, room: new CopyRoom() };
  const cached = given.cache === null ? null : { ...given, cache: given.cache };
  const shared = new Map<string, SharedAnswer>();
  /** Copies that nobody waits for. */
  const shadows = new Set<Running>();
  const questionVector = createQuestionVectors({ ...given, serve });

  function make(input: CallInput, outlet: Outlet): Running {
    const call = new Call(deps, input, outlet);
    call.start();
    return call;
  }

  /** One call for all who ask the same now. */
  function join(key: string, input: CallInput, outlet: Outlet): Running {
    const known = shared.get(key);
    if (known) {
      deps.metrics.cache('shared');
      const follower = new Follower(outlet, input, deps);
      const place = known.join(follower);
      return {
        abort(reason) {
          follower.left(reason);
          place.abort(reason);
        },
        resume: () => place.resume(),
      };
    }
    const answer: SharedAnswer = new SharedAnswer(() => {
      if (shared.get(key) === answer) shared.delete(key);
    });
    shared.set(key, answer);
    const place = answer.join(outlet);
    const call = new Call(deps, input, answer);
    answer.from(call);
    call.start();
    return place;
  }

  /** A copy for another model, whose answer is recorded and thrown away. It is governed as any call is. */
  function shadow(input: CallInput): void {
    const { route } = input.task.target;
    const target = route.settings.shadow === null ? null : shadowOf(route, deps.chance);
    if (target === null) return;
    const settings = { ...route.settings, shadow: null, hedgeAfterMs: null, coalesce: false };
    const alone = { name: route.name, targets: [target], settings };
    const task = { ...input.task, target: { ...input.task.target, route: alone } };
    const gone = () => void shadows.delete(call);
    const { ids: _, ...own } = input;
    const call = new Call(deps, { ...own, task, origin: 'shadow' }, { ...nobody, fail: gone, over: gone });
    shadows.add(call);
    call.start();
  }

  function run(input: CallInput, outlet: Outlet, key: string | null): Running {
    const { route } = input.task.target;
    const call = (to: Outlet) => (key === null ? make(input, to) : join(key, input, to));
    const running = copying(deps, { input, outlet }, call);
    if (route.settings.shadow !== null) shadow(input);
    return running;
  }

  function sharedKey(input: CallInput, ask: CacheAsk | null, plan: CachePlan | null): string | null {
    if (!input.task.target.route.settings.coalesce) return null;
    if (plan !== null) return plan.key;
    const { by, wish: _, ...rest } = ask ?? cacheAsk(input);
    return contentHash({ ...rest, targets: [...rest.targets], project: by.project });
  }

  /** Serves one call; failures go to the outlet. */
  function serve(input: CallInput, outlet: Outlet): Running {
    const { task } = input;
    if (task.stepped !== undefined) return serveStepped(deps, { input, stepped: task.stepped, outlet });
    if (cached === null || task.operation === 'pass_through') {
      return run(input, outlet, task.operation === 'pass_through' ? null : sharedKey(input, null, null));
    }
    const ask = cacheAsk(input);
    const plan = cached.cache.plan(ask);
    if (plan === null) return run(input, outlet, sharedKey(input, ask, null));
    const { meaning } = plan;
    const ids = meaning === null ? null : newIds(input.traceparent);
    const asked = ids === null ? input : { ...input, ids };
    const question = meaning === null || ids === null ? null : questionVector({ input, ids, meaning });
    return serveCached(cached, { ask, plan, input: asked, outlet, question }, (to) =>
      run(asked, to, sharedKey(asked, ask, plan)),
    );
  }

  /** Known before the call, so that others can stand below it. */
  function newIds(traceparent: string | null): NonNullable<CallInput['ids']> {
    const parent = traceparent === null ? null : parseTraceparent(traceparent);
    const traceId = parent?.traceId ?? newTraceId(deps.random.bytes(16));
    return { traceId, spanId: newSpanId(deps.random.bytes(8)), startNs: deps.clock.now() };
  }

  return {
    serve,
    /** Ends what nobody waits for. */
    stop() {
      for (const call of shadows) call.abort('The server stops.');
    },
  };
}

export type Serve = ReturnType<typeof createServe>['serve'];
