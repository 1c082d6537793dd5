import type { Issue, IssueOccurrence } from '../../records/index.ts';

/**
 * Whether an occurrence says that an issue which was resolved is back: one that began later, and where versions were named
 * only one of a later version of these, since the old ones go on failing until they are replaced.
 */
export function isBack(
  { state, resolution }: Pick<Issue, 'state' | 'resolution'>,
  { atMs, version }: Pick<IssueOccurrence, 'atMs' | 'version'>,
): boolean {
  if (state !== 'resolved' || resolution === null || atMs <= Date.parse(resolution.at)) return false;
  const last = version === null ? undefined : resolution.versions?.[version.model];
  return last === undefined || version === null || version.number > last;
}
