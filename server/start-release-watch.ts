import type { Heartbeat } from './heartbeat.ts';
import { draftExamples, lookAtReleases, lookAtReleasesEveryMs } from './releases/index.ts';
import { repeat } from './repeat.ts';

type Deps = Parameters<typeof lookAtReleases>[0] & Parameters<typeof draftExamples>[0];

/** Sees to releases until it is stopped, and drafts examples of what ended one. */
export function startReleaseWatch(deps: Deps, heartbeat: Pick<Heartbeat, 'on'>): { stop(): Promise<void> } {
  // Which releases run is known from memory: no store has to say when to look.
  const looking = repeat((stopping) => lookAtReleases(deps, stopping), {
    everyMs: lookAtReleasesEveryMs,
    onError: (err) => deps.log.error({ err }, 'releases could not be looked at; tried again soon'),
  });
  const drafting = heartbeat.on('drafts', () => draftExamples(deps), {
    onError: (err) => deps.log.error({ err }, 'examples of what failed could not be drafted; tried again soon'),
  });
  return {
    async stop() {
      await Promise.all([looking.stop(), drafting.stop()]);
    },
  };
}
