import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ranges } from './data/overview-search.ts';
import { given, oneOf, type RawSearch, text } from './data/route-search.ts';
import type { Parent } from './root-route.tsx';

const releaseStates = ['running', 'promoted', 'rolled_back', 'stopped'] as const;
const replayKinds = ['fails', 'changed', 'tools', 'recovers', 'both_fail', 'same'] as const;

/** Versions on their way to an alias. */
function createReleaseRoutes({ getParentRoute }: Parent) {
  const releases = createRoute({
    getParentRoute,
    path: '/releases',
    validateSearch: (search: RawSearch) =>
      given({
        model: text(search.model),
        state: oneOf(releaseStates, search.state),
        open: oneOf(['new'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/releases/releases-page.tsx'), 'ReleasesPage'),
  });
  const replays = createRoute({
    getParentRoute,
    path: '/releases/replays',
    validateSearch: (search: RawSearch) => given({ model: text(search.model) }),
    component: lazyRouteComponent(() => import('./pages/replay/replays-page.tsx'), 'ReplaysPage'),
  });
  const replay = createRoute({
    getParentRoute,
    path: '/releases/replays/$replayId',
    validateSearch: (search: RawSearch) => given({ kind: oneOf(replayKinds, search.kind) }),
    component: lazyRouteComponent(() => import('./pages/replay/replay-page.tsx'), 'ReplayPage'),
  });
  const release = createRoute({
    getParentRoute,
    path: '/releases/$releaseId',
    validateSearch: (search: RawSearch) => given({ rail: text(search.rail) }),
    component: lazyRouteComponent(() => import('./pages/release/release-page.tsx'), 'ReleasePage'),
  });
  return [releases, replays, replay, release] as const;
}

/** What looks while nobody does, what it found, and who is told. */
function createMonitorRoutes({ getParentRoute }: Parent) {
  const monitors = createRoute({
    getParentRoute,
    path: '/monitors',
    validateSearch: (search: RawSearch) =>
      given({
        q: text(search.q),
        of: text(search.of),
        by: text(search.by),
        open: oneOf(['new'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/monitors/monitors-page.tsx'), 'MonitorsPage'),
  });
  const monitor = createRoute({
    getParentRoute,
    path: '/monitors/$monitor',
    validateSearch: (search: RawSearch) =>
      given({
        look: oneOf(['now'] as const, search.look),
        open: oneOf(['edit'] as const, search.open),
        lines: text(search.lines),
      }),
    component: lazyRouteComponent(() => import('./pages/monitors/monitor-page.tsx'), 'MonitorPage'),
  });
  const alerts = createRoute({
    getParentRoute,
    path: '/alerts',
    validateSearch: (search: RawSearch) =>
      given({ monitor: text(search.monitor), open: oneOf(['yes', 'no'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/monitors/alerts-page.tsx'), 'AlertsPage'),
  });
  const alert = createRoute({
    getParentRoute,
    path: '/alerts/$alertId',
    component: lazyRouteComponent(() => import('./pages/monitors/alert-page.tsx'), 'AlertPage'),
  });
  const channels = createRoute({
    getParentRoute,
    path: '/channels',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['new'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/monitors/channels-page.tsx'), 'ChannelsPage'),
  });
  return [monitors, monitor, alerts, alert, channels] as const;
}

/** How better versions are made and released, again and again. */
function createPipelineRoutes({ getParentRoute }: Parent) {
  const pipelines = createRoute({
    getParentRoute,
    path: '/pipelines',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['new'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/pipelines/pipelines-page.tsx'), 'PipelinesPage'),
  });
  const pipeline = createRoute({
    getParentRoute,
    path: '/pipelines/$pipeline',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['edit'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/pipelines/pipeline-page.tsx'), 'PipelinePage'),
  });
  const run = createRoute({
    getParentRoute,
    path: '/pipelines/$pipeline/runs/$runId',
    component: lazyRouteComponent(() => import('./pages/pipelines/run-page.tsx'), 'RunPage'),
  });
  return [pipelines, pipeline, run] as const;
}

/** What scores traffic as it arrives. */
function createOnlineRoutes({ getParentRoute }: Parent) {
  const online = createRoute({
    getParentRoute,
    path: '/traces/online',
    validateSearch: (search: RawSearch) =>
      given({ open: oneOf(['new', 'edit', 'check', 'backfill'] as const, search.open), name: text(search.name) }),
    component: lazyRouteComponent(() => import('./pages/online/online-page.tsx'), 'OnlinePage'),
  });
  return [online] as const;
}

/** Users who abuse models. */
function createAbuseRoutes({ getParentRoute }: Parent) {
  const abuse = createRoute({
    getParentRoute,
    path: '/abuse',
    validateSearch: (search: RawSearch) =>
      given({
        state: oneOf(['acted', 'allowed', 'all'] as const, search.state),
        open: oneOf(['policy'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/abuse/abuse-page.tsx'), 'AbusePage'),
  });
  const user = createRoute({
    getParentRoute,
    path: '/abuse/$user',
    component: lazyRouteComponent(() => import('./pages/abuse/abuse-user-page.tsx'), 'AbuseUserPage'),
  });
  return [abuse, user] as const;
}

/** In which ways traces fail. */
function createIssueRoutes({ getParentRoute }: Parent) {
  const issues = createRoute({
    getParentRoute,
    path: '/issues',
    validateSearch: (search: RawSearch) =>
      given({
        state: oneOf(['new', 'known', 'regressed', 'resolved', 'all'] as const, search.state),
        signal: oneOf(['error', 'handled', 'refusal', 'score'] as const, search.signal),
        model: text(search.model),
      }),
    component: lazyRouteComponent(() => import('./pages/issues/issues-page.tsx'), 'IssuesPage'),
  });
  const scores = createRoute({
    getParentRoute,
    path: '/issues/scores',
    component: lazyRouteComponent(() => import('./pages/issues/scores-page.tsx'), 'IssueScoresPage'),
  });
  const issue = createRoute({
    getParentRoute,
    path: '/issues/$issueId',
    component: lazyRouteComponent(() => import('./pages/issues/issue-page.tsx'), 'IssuePage'),
  });
  return [issues, scores, issue] as const;
}

/** Panels that people put together. */
function createDashboardRoutes({ getParentRoute }: Parent) {
  const dashboards = createRoute({
    getParentRoute,
    path: '/dashboards',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['new', 'import'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/dashboards/dashboards-page.tsx'), 'DashboardsPage'),
  });
  const dashboard = createRoute({
    getParentRoute,
    path: '/dashboards/$dashboard',
    validateSearch: (search: RawSearch) => given({ q: text(search.q), range: oneOf(ranges, search.range) }),
    component: lazyRouteComponent(() => import('./pages/dashboards/dashboard-page.tsx'), 'DashboardPage'),
  });
  return [dashboards, dashboard] as const;
}

/** What is watched while calls go on, and what comes of it. */
export const createWatchRoutes = (parent: Parent) =>
  [
    ...createReleaseRoutes(parent),
    ...createOnlineRoutes(parent),
    ...createPipelineRoutes(parent),
    ...createMonitorRoutes(parent),
    ...createIssueRoutes(parent),
    ...createAbuseRoutes(parent),
    ...createDashboardRoutes(parent),
  ] as const;
