import type { FailureKind } from '../records/index.ts';

/** A vendor's model as one of the places that a call may go to. */
export type RouteTarget = {
  /** `provider/model`: its name in health, spans and metrics, shared by all routes. */
  ref: string;
  provider: string;
  /** The model's name at the provider. */
  vendorModel: string;
  /** Its share of the calls among the targets of its priority. 0: only when no other is left. */
  weight: number;
  /** Lower first; the next number is used when no target of the one before can take the call. */
  priority: number;
  /** Takes a call only after another target failed in one of these ways; null: takes part in every choice. */
  after: readonly FailureKind[] | null;
};

/** `priority`: in the order of the list. The others choose among targets of equal priority. */
export const strategies = ['priority', 'weighted', 'latency', 'headroom'] as const;
/**
 * `latency`: the better of two drawn ones by what a call is expected to wait there. `headroom`: the better of two drawn
 * ones by how much of its rate limit the vendor says is left.
 */
export type Strategy = (typeof strategies)[number];

/** Whose calls stay with one target. */
export type Sticky = 'user' | 'session';

export type Timeouts = {
  /** Until the connection stands. */
  connectMs: number;
  /** From the request to the first content; of a whole answer, to its headers. */
  firstTokenMs: number;
  /** Between two pieces of an answer. */
  idleMs: number;
  /** All attempts and the whole answer. */
  totalMs: number;
};

export type RouteSettings = {
  strategy: Strategy;
  sticky: Sticky | null;
  retries: {
    /** At one target, the first one included. */
    attempts: number;
    /** Of the first wait; each later one may be twice as long. */
    backoffMs: number;
    maxBackoffMs: number;
    /** The longest wait that a vendor may ask for; a longer one is not waited for. */
    maxWaitMs: number;
  };
  /** After which failures another target is tried. */
  fallbackOn: readonly FailureKind[];
  /** Without any content after this long, a second attempt runs beside the first. null: never. */
  hedgeAfterMs: number | null;
  timeouts: Timeouts;
  /** A copy of this share of the calls goes there too; its answers are recorded and thrown away. */
  shadow: { target: RouteTarget; share: number } | null;
  /** Whether identical calls at the same time become one call at the vendor. */
  coalesce: boolean;
};

/** Where the calls of one name go, and how. */
export type Route = {
  /** Its name in the configuration; null: a `provider/model` that was called directly. */
  name: string | null;
  targets: readonly RouteTarget[];
  settings: RouteSettings;
};

/** What a vendor that fails does not keep: the request is at fault, so no other would take it either. */
const never: readonly FailureKind[] = ['invalid'];

/** A refusal for its content goes to another vendor only where a route says so. */
export const defaultFallbackOn: readonly FailureKind[] = [
  'auth',
  'quota',
  'notFound',
  'rateLimited',
  'overloaded',
  'contextWindow',
  'server',
  'unreachable',
  'timeout',
  'cut',
  'malformed',
];

export const defaultSettings: RouteSettings = {
  strategy: 'weighted',
  sticky: null,
  retries: { attempts: 2, backoffMs: 250, maxBackoffMs: 4_000, maxWaitMs: 30_000 },
  fallbackOn: defaultFallbackOn,
  hedgeAfterMs: null,
  timeouts: { connectMs: 5_000, firstTokenMs: 120_000, idleMs: 120_000, totalMs: 600_000 },
  shadow: null,
  coalesce: false,
};

/** A target that stands alone. */
export function targetOf(provider: string, vendorModel: string): RouteTarget {
  return { ref: `${provider}/${vendorModel}`, provider, vendorModel, weight: 1, priority: 0, after: null };
}

/** Whether, after such a failure, this target may be tried. */
export function takesAfter(target: RouteTarget, kind: FailureKind, settings: RouteSettings): boolean {
  return !never.includes(kind) && (target.after ?? settings.fallbackOn).includes(kind);
}

/** Where a copy of a call goes; null: nowhere. `random`: uniform in [0, 1). */
export function shadowOf(route: Route, random: () => number): RouteTarget | null {
  const { shadow } = route.settings;
  return shadow !== null && random() < shadow.share ? shadow.target : null;
}
