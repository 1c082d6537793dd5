import type { TimeInput } from './otel-types.ts';

export type Clock = {
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** A time that a library gave; now when it gave none. */
  read(time: TimeInput | undefined): bigint;
};

/** How far the wall clock may be from the monotonic one before it was set anew, or the machine slept. */
const maxDriftMs = 20;
const nanosOf = (ms: number): bigint => BigInt(Math.round(ms * 1e3)) * 1_000n;

/** The wall clock with the monotonic clock's resolution, so that spans within a millisecond keep their order. */
export function createClock(): Clock {
  let offset = Date.now() - performance.now();
  function now(): bigint {
    const wall = Date.now();
    if (Math.abs(wall - performance.now() - offset) > maxDriftMs) offset = wall - performance.now();
    return nanosOf(offset + performance.now());
  }
  return {
    now,
    read(time) {
      if (time === undefined) return now();
      if (Array.isArray(time)) return BigInt(Math.trunc(time[0])) * 1_000_000_000n + BigInt(Math.trunc(time[1]));
      const ms = typeof time === 'number' ? time : time.getTime();
      if (!Number.isFinite(ms)) return now();
      // OpenTelemetry takes numbers before the process began for readings of performance.now().
      return nanosOf(ms < performance.timeOrigin ? performance.timeOrigin + ms : ms);
    },
  };
}
