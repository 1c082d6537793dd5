import { WheelhouseError } from '@wheelhouse/core/records';

/** A page of what is in order already, behind the one whose id is the cursor, as the stores of records give it. */
export function pageOf<T extends { id: string }>(
  all: T[],
  fits: (item: T) => boolean,
  { limit, cursor }: { limit: number; cursor?: string },
): { data: T[]; next: string | null } {
  const at = cursor === undefined ? -1 : all.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && at === -1)
    throw new WheelhouseError('invalid_request', `\`${cursor}\` is no place in the list.`, { param: 'cursor' });
  const rest = all.slice(at + 1).filter(fits);
  const data = rest.slice(0, limit);
  return { data, next: rest.length > limit ? (data.at(-1)?.id ?? null) : null };
}
