import type { Release } from '@wheelhouse/core/records';
import { type Findings, percent, plural, type Row } from './findings.ts';

function rowOf({
  id,
  model,
  alias,
  candidate,
  state,
  share,
  shadow,
  verdict,
  promotesItself,
  ...ended
}: Release): Row | null {
  const row = { kind: 'release' as const, href: `/releases/${id}` };
  const of = `${model}@${alias}: version ${candidate}`;
  if (state === 'running') {
    const isReady = verdict?.verdict === 'promote' && !promotesItself;
    if (shadow !== null) {
      const said = isReady
        ? 'it looks as good, and may go on as a canary.'
        : (verdict?.sentence ?? 'nothing was looked at yet.');
      return {
        ...row,
        severity: isReady ? 'warn' : 'note',
        text: `${of} listens to ${percent(share)} of the calls; ${said}`,
      };
    }
    const then = isReady ? 'it may be promoted.' : (verdict?.sentence ?? 'nothing was looked at yet.');
    return { ...row, severity: isReady ? 'warn' : 'note', text: `${of} has ${percent(share)} of the calls; ${then}` };
  }
  // What people did themselves they know.
  if (state !== 'rolled_back' || ended.endedBy !== `release ${id}`) return null;
  return {
    ...row,
    severity: 'bad',
    text: `${of} ${shadow === null ? 'was rolled back' : 'would have been worse'}. ${ended.reason ?? ''}`.trim(),
  };
}

/** Releases that run, and those that rolled themselves back since then; each leads to its page. */
export function findInReleases(releases: readonly Release[], sinceMs: number): Findings {
  const recent = releases.filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) >= sinceMs);
  const rows = recent.flatMap((release) => rowOf(release) ?? []);
  return { rows, looked: plural(recent.length, 'release') };
}
