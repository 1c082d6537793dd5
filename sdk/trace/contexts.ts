import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager, Span, SpanContext } from './otel-types.ts';
import { quietly } from './quietly.ts';

/** The keys under which `@opentelemetry/api` 1.x keeps the active span and silences instrumentations. */
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN');
const suppressKey = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const otelKey = Symbol.for('opentelemetry.js.api.1');

type Otel = { context?: ContextManager; propagation?: { fields(): string[] } };

/**
 * What the app registered with `@opentelemetry/api` 1.x, from the place where every copy of that package looks for it:
 * importing the package would ask for a dependency, and could find another copy than the app's.
 */
const registeredOtel = (): Otel | null => (globalThis as { [otelKey]?: Otel })[otelKey] ?? null;

/** Whether the app's own OpenTelemetry has a propagator, which writes trace headers into requests. */
export const otelPropagates = (): boolean => {
  const fields = registeredOtel()?.propagation?.fields();
  return fields?.includes('traceparent') ?? false;
};

const contextOf = (values: ReadonlyMap<symbol, unknown>): Context => ({
  getValue: (key) => values.get(key),
  setValue: (key, value) => contextOf(new Map(values).set(key, value)),
  deleteValue(key) {
    const rest = new Map(values);
    rest.delete(key);
    return contextOf(rest);
  },
});

const root = contextOf(new Map());

function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? root,
    with: (context, fn, thisArg, ...args) => storage.run(context, () => fn.call(thisArg as never, ...args)),
    bind(context, target) {
      if (typeof target !== 'function') return target;
      const bound = function (this: unknown, ...args: unknown[]) {
        return storage.run(context, () => target.apply(this, args) as unknown);
      };
      return bound as typeof target;
    },
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

/** A run of a framework that keeps a context of its own, and where it stands in ours. */
type GuestRun = { id: string; context: Context };

export type Contexts = {
  /** Our own, for an app that wants to register it with `@opentelemetry/api`. */
  manager: ContextManager;
  active(): Context;
  with<R>(context: Context, fn: () => R): R;
  /** Says from now on which run of a framework the code is in; null: in none. */
  host(guest: () => GuestRun | null): void;
  /** Whether the context is one inside of the run. */
  isInside(context: Context, runId: string): boolean;
};

const guestKey = Symbol.for('wheelhouse.trace.guest');

/** The app's OpenTelemetry context where it has one, so that its spans and ours nest; else one of our own. */
export function createContexts(): Contexts {
  const manager = createContextManager();
  const current = () => registeredOtel()?.context ?? manager;
  let findGuest: () => GuestRun | null = () => null;
  const isInside = (context: Context, runId: string) => context.getValue(guestKey) === runId;
  return {
    manager,
    active() {
      const context = current().active();
      const run = quietly(findGuest);
      return !run || isInside(context, run.id) ? context : run.context.setValue(guestKey, run.id);
    },
    with: (context, fn) => current().with(context, fn),
    host(guest) {
      findGuest = guest;
    },
    isInside,
  };
}

type Spanlike = Pick<Span, 'spanContext'>;

/** The span that the context carries, ours or another tracer's; null when there is none to nest under. */
export function spanContextIn(context: Context): SpanContext | null {
  const found = (context.getValue(spanKey) as Spanlike | undefined)?.spanContext();
  return found && /^(?!0+$)[0-9a-f]{32}$/.test(found.traceId) && /^(?!0+$)[0-9a-f]{16}$/.test(found.spanId)
    ? found
    : null;
}
export const withSpan = (context: Context, span: Spanlike): Context => context.setValue(spanKey, span);
/** A context in which the app's own instrumentations record nothing. */
export const silenced = (context: Context): Context => context.setValue(suppressKey, true);
