import type { AllowanceAsk } from '@wheelhouse/core/ports';

/** How long what a server holds counts after it was last heard of. */
export const holdMs = 60_000;
export const slotMs = 1_000;
/** What was taken in a slot counts in it and in as many after it, so that no 60 seconds hold more than the maximum. */
export const windowSlots = 60;

/**
 * How much of what is left an ask gets: all that is needed where there is room for it, and beyond that a share of the
 * rest that shrinks to nothing as the account runs dry.
 */
export function grantAllowance({ need, least, spare }: AllowanceAsk, room: number): number {
  if (room <= 0 || room < least) return 0;
  if (room <= need) return room;
  return need + Math.min(spare, Math.floor((room - need) / 4));
}
