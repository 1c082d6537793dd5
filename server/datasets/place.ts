import { WheelhouseError } from '@wheelhouse/core/records';

/** The place that a cursor names: rows behind it are next. */
export function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return -1;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new WheelhouseError('invalid_request', '`cursor` is not the `next` of a page.', { param: 'cursor' });
}
