import { WheelhouseError } from './errors.ts';

/** Where a page of an unmoving list starts: its cursor is the number of rows before it. */
export function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor))
    throw new WheelhouseError('invalid_request', `\`${cursor}\` is no place in the list.`, {
      param: 'cursor',
      hint: 'Send the `next` of the page before, or none for the first page.',
    });
  return Number(cursor);
}

/** One page out of rows that were read with one to spare, and the cursor of the page after it. */
export function offsetPage<Row>(
  rows: Row[],
  { offset, limit }: { offset: number; limit: number },
): { data: Row[]; next: string | null } {
  return { data: rows.slice(0, limit), next: rows.length > limit ? String(offset + limit) : null };
}
