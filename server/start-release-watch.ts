import { watchReleases, watchReleasesEveryMs } from './releases/index.ts';
import { repeat } from './repeat.ts';

/** Sees to releases until it is stopped. */
export const startReleaseWatch = (deps: Parameters<typeof watchReleases>[0]): { stop(): Promise<void> } =>
  repeat((stopping) => watchReleases(deps, stopping), {
    everyMs: watchReleasesEveryMs,
    onError: (err) => deps.log.error({ err }, 'releases could not be looked at; tried again soon'),
  });
