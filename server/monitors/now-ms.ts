import type { Clock } from '@wheelhouse/core/ports';
import { nanosPerMs } from '@wheelhouse/core/records';

/** Whole milliseconds since 1970, as stores keep what is due. */
export const nowMsOf = (clock: Clock): number => Number(clock.now() / nanosPerMs);
