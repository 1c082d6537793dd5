export { type BreakerSettings, defaultBreaker } from './breaker.ts';
export type { ArmCaller, ArmChoice } from './choose-arm.ts';
export {
  createHealth,
  type Health,
  type HealthEvent,
  type HealthOptions,
  type KeyHealth,
  type TargetHealth,
} from './health.ts';
export type { Attempt, AttemptFailure, KeyLike, Plan, Step, StopFailure, StopReason } from './plan.ts';
export { type PlanInput, planCall } from './plan-call.ts';
export { findVersion, type RouteTable, resolveTarget, type Target } from './resolve-target.ts';
export { readRetryAfter } from './retry-after.ts';
export {
  defaultFallbackOn,
  defaultSettings,
  type Route,
  type RouteSettings,
  type RouteTarget,
  type Sticky,
  type Strategy,
  shadowOf,
  strategies,
  type Timeouts,
  targetOf,
} from './route.ts';
