import {
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { createClient } from '@wheelhouse/sdk';
import { groupings, type OverviewSearch, ranges } from './data/overview-search.ts';
import { given, oneOf, positive, type RawSearch, text } from './data/route-search.ts';
import { rowKinds } from './data/row-kinds.ts';
import type { PriceSearch } from './data/settings-queries.ts';
import type { TracesSearch } from './data/traces-search.ts';
import { RequestError } from './parts/request-state.tsx';
import { createRoot, type Parent } from './root-route.tsx';
import { createWatchRoutes } from './watch-routes.tsx';

const groups = ['session', 'user'] as const;
const views = ['waterfall', 'conversation', 'graph', 'log'] as const;
const gatewayForms = ['budget', 'limit', 'key', 'provider'] as const;
const modelTabs = ['playground', 'usage', 'aliases', 'lineage', 'comments'] as const;
const statuses = ['queued', 'running', 'completed', 'stopped', 'failed'] as const;
const datasetTabs = ['schema', 'splits', 'rules', 'recipe', 'versions', 'health', 'jobs'] as const;
const datasetDialogs = ['import', 'evaluate', 'synthesis', 'traces'] as const;
const reviewStates = ['open', 'disputed', 'done'] as const;
const reviewDialogs = ['add', 'rule', 'examples'] as const;
const rowAxes = ['cost', 'latency'] as const;
const experimentKinds = ['evaluations', 'optimizations'] as const;
const spendAxes = ['cost', 'minutes'] as const;

/** What is looked at of runs beside each other. */
const viewOf = (search: RawSearch) => ({
  tab: oneOf(['runs'] as const, search.tab),
  run: text(search.run),
  measure: text(search.measure),
  show: oneOf(rowKinds, search.show),
  row: text(search.row),
  rep: positive(search.rep),
  by: oneOf(rowAxes, search.by),
});

const mlflowPlace = /^\/experiments\/(?<experiment>\d+)(?:\/runs\/(?<runId>[0-9a-f]{32}))?$/;

function PageFailed({ error, reset }: ErrorComponentProps) {
  return <RequestError error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />;
}

/** What is seen of calls, and what became of them. */
function createTraceRoutes({ getParentRoute }: Parent) {
  const home = createRoute({
    getParentRoute,
    path: '/',
    // Where nothing has happened yet, Traces says how something does.
    beforeLoad: async ({ location }) => {
      // As MLflow's client prints the address of a run.
      const { experiment, runId } = mlflowPlace.exec(location.hash)?.groups ?? {};
      if (runId) throw redirect({ to: '/experiments/tracked/$runId', params: { runId }, replace: true });
      if (experiment) throw redirect({ to: '/experiments/tracked', search: { experiment }, replace: true });
      const { data } = await createClient()
        .call('listTraces', { query: { limit: 1 } })
        .catch(() => ({ data: [] }));
      throw redirect({ to: data.length > 0 ? '/overview' : '/traces', replace: true });
    },
  });
  const overview = createRoute({
    getParentRoute,
    path: '/overview',
    validateSearch: (search: RawSearch): OverviewSearch =>
      given({
        q: text(search.q),
        range: oneOf(ranges, search.range),
        of: oneOf(['calls'] as const, search.of),
        by: oneOf(groupings, search.by),
        split: oneOf(['on'] as const, search.split),
        before: oneOf(['off'] as const, search.before),
      }),
    component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
  });
  const ledger = createRoute({
    getParentRoute,
    path: '/ledger',
    validateSearch: (search: RawSearch) => given({ letter: text(search.letter) }),
    component: lazyRouteComponent(() => import('./pages/ledger/ledger-page.tsx'), 'LedgerPage'),
  });
  const prices = createRoute({
    getParentRoute,
    path: '/prices',
    validateSearch: (search: RawSearch): PriceSearch =>
      given({ model: text(search.model), origin: oneOf(['own', 'catalogue'] as const, search.origin) }),
    component: lazyRouteComponent(() => import('./pages/prices/prices-page.tsx'), 'PricesPage'),
  });
  const traces = createRoute({
    getParentRoute,
    path: '/traces',
    validateSearch: (search: RawSearch): TracesSearch =>
      given({
        q: text(search.q),
        group: oneOf(groups, search.group),
        peek: text(search.peek),
        facets: oneOf(['off'] as const, search.facets),
        open: oneOf(['score'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/traces/traces-page.tsx'), 'TracesPage'),
  });
  const scorings = createRoute({
    getParentRoute,
    path: '/traces/scorings',
    component: lazyRouteComponent(() => import('./pages/scorings/scorings-page.tsx'), 'ScoringsPage'),
  });
  const trace = createRoute({
    getParentRoute,
    path: '/traces/$traceId',
    validateSearch: (search: RawSearch) =>
      given({
        span: text(search.span),
        view: oneOf(views, search.view),
        zoom: text(search.zoom),
        gaps: oneOf(['short'] as const, search.gaps),
        find: typeof search.find === 'string' ? search.find : undefined,
      }),
    component: lazyRouteComponent(() => import('./pages/trace/trace-page.tsx'), 'TracePage'),
  });
  const session = createRoute({
    getParentRoute,
    path: '/sessions/$sessionId',
    component: lazyRouteComponent(() => import('./pages/session/session-page.tsx'), 'SessionPage'),
  });
  return [home, overview, ledger, prices, traces, scorings, trace, session] as const;
}

/** What is made of calls. */
function createLoopRoutes({ getParentRoute }: Parent) {
  const models = createRoute({
    getParentRoute,
    path: '/models',
    validateSearch: (search: RawSearch) =>
      given({ q: text(search.q), tag: text(search.tag), owner: text(search.owner) }),
    component: lazyRouteComponent(() => import('./pages/models/models-page.tsx'), 'ModelsPage'),
  });
  const model = createRoute({
    getParentRoute,
    path: '/models/$name',
    validateSearch: (search: RawSearch) =>
      given({
        version: positive(search.version),
        against: positive(search.against),
        tab: oneOf(modelTabs, search.tab),
        open: oneOf(['optimize', 'release'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/model/model-page.tsx'), 'ModelPage'),
  });
  const playground = createRoute({
    getParentRoute,
    path: '/playground',
    validateSearch: (search: RawSearch) => given({ from: text(search.from) }),
    component: lazyRouteComponent(() => import('./pages/playground/playground-page.tsx'), 'PlaygroundPage'),
  });
  const datasets = createRoute({
    getParentRoute,
    path: '/datasets',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['new'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/datasets/datasets-page.tsx'), 'DatasetsPage'),
  });
  const dataset = createRoute({
    getParentRoute,
    path: '/datasets/$name',
    validateSearch: (search: RawSearch) =>
      given({
        version: positive(search.version),
        tab: oneOf(datasetTabs, search.tab),
        q: text(search.q),
        split: text(search.split),
        tag: text(search.tag),
        from: positive(search.from),
        to: positive(search.to),
        open: oneOf(datasetDialogs, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/dataset/dataset-page.tsx'), 'DatasetPage'),
  });
  const experiments = createRoute({
    getParentRoute,
    path: '/experiments',
    validateSearch: (search: RawSearch) =>
      given({
        kind: oneOf(experimentKinds, search.kind),
        dataset: text(search.dataset),
        model: text(search.model),
        status: oneOf(statuses, search.status),
        open: oneOf(['new', 'optimize'] as const, search.open),
        pick: text(search.pick),
      }),
    component: lazyRouteComponent(() => import('./pages/experiments/experiments-page.tsx'), 'ExperimentsPage'),
  });
  const compare = createRoute({
    getParentRoute,
    path: '/experiments/compare',
    validateSearch: (search: RawSearch) =>
      given({ baseline: text(search.baseline), runs: text(search.runs), ...viewOf(search) }),
    component: lazyRouteComponent(() => import('./pages/evaluation/comparison-page.tsx'), 'ComparisonPage'),
  });
  const evaluation = createRoute({
    getParentRoute,
    path: '/experiments/$evaluationId',
    validateSearch: (search: RawSearch) => given(viewOf(search)),
    component: lazyRouteComponent(() => import('./pages/evaluation/evaluation-page.tsx'), 'EvaluationPage'),
  });
  const optimization = createRoute({
    getParentRoute,
    path: '/experiments/optimizations/$optimizationId',
    validateSearch: (search: RawSearch) =>
      given({
        by: oneOf(spendAxes, search.by),
        order: oneOf(['made'] as const, search.order),
        candidate: text(search.candidate),
        against: oneOf(['start'] as const, search.against),
        open: oneOf(['publish', 'resume'] as const, search.open),
      }),
    component: lazyRouteComponent(() => import('./pages/optimization/optimization-page.tsx'), 'OptimizationPage'),
  });
  const shortLink = createRoute({
    getParentRoute,
    path: '/x/$id',
    component: lazyRouteComponent(() => import('./pages/short-link/short-link-page.tsx'), 'ShortLinkPage'),
  });
  return [
    models,
    model,
    playground,
    datasets,
    dataset,
    experiments,
    compare,
    evaluation,
    optimization,
    shortLink,
  ] as const;
}

/** What people look at. */
function createReviewRoutes({ getParentRoute }: Parent) {
  const queues = createRoute({
    getParentRoute,
    path: '/review',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['new'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/review/review-page.tsx'), 'ReviewPage'),
  });
  const queue = createRoute({
    getParentRoute,
    path: '/review/$queue',
    validateSearch: (search: RawSearch) =>
      given({
        tab: oneOf(['items'] as const, search.tab),
        state: oneOf(reviewStates, search.state),
        field: text(search.field),
        measure: text(search.measure),
        open: oneOf(reviewDialogs, search.open),
        evaluation: text(search.evaluation),
      }),
    component: lazyRouteComponent(() => import('./pages/review-queue/queue-page.tsx'), 'QueuePage'),
  });
  const label = createRoute({
    getParentRoute,
    path: '/review/$queue/label',
    validateSearch: (search: RawSearch) =>
      given({ of: oneOf(['disputed'] as const, search.of), item: positive(search.item) }),
    component: lazyRouteComponent(() => import('./pages/review-label/label-page.tsx'), 'LabelPage'),
  });
  return [queues, queue, label] as const;
}

/** What training and scripts recorded of themselves. */
function createTrackingRoutes({ getParentRoute }: Parent) {
  const tracked = createRoute({
    getParentRoute,
    path: '/experiments/tracked',
    validateSearch: (search: RawSearch) =>
      given({
        experiment: text(search.experiment),
        q: text(search.q),
        order: text(search.order),
        pick: text(search.pick),
      }),
    component: lazyRouteComponent(() => import('./pages/tracked/tracked-page.tsx'), 'TrackedPage'),
  });
  const compared = createRoute({
    getParentRoute,
    path: '/experiments/tracked/compare',
    validateSearch: (search: RawSearch) =>
      given({ runs: text(search.runs), over: oneOf(['time'] as const, search.over) }),
    component: lazyRouteComponent(() => import('./pages/tracked/tracked-compare-page.tsx'), 'TrackedComparePage'),
  });
  const run = createRoute({
    getParentRoute,
    path: '/experiments/tracked/$runId',
    validateSearch: (search: RawSearch) =>
      given({ over: oneOf(['time'] as const, search.over), all: oneOf(['on'] as const, search.all) }),
    component: lazyRouteComponent(() => import('./pages/tracked/tracked-run-page.tsx'), 'TrackedRunPage'),
  });
  return [tracked, compared, run] as const;
}

/** The server, the project and who may do what. */
function createSettingsRoutes({ getParentRoute }: Parent) {
  const settings = createRoute({
    getParentRoute,
    path: '/settings',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['project', 'remove'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
  });
  const people = createRoute({
    getParentRoute,
    path: '/settings/people',
    validateSearch: (search: RawSearch) => given({ open: oneOf(['invite'] as const, search.open) }),
    component: lazyRouteComponent(() => import('./pages/settings/people-page.tsx'), 'PeoplePage'),
  });
  const keys = createRoute({
    getParentRoute,
    path: '/settings/keys',
    validateSearch: (search: RawSearch) =>
      given({ open: oneOf(['new'] as const, search.open), show: oneOf(['all'] as const, search.show) }),
    component: lazyRouteComponent(() => import('./pages/settings/keys-page.tsx'), 'KeysPage'),
  });
  const gateway = createRoute({
    getParentRoute,
    path: '/settings/gateway',
    validateSearch: (search: RawSearch) =>
      given({ open: oneOf(gatewayForms, search.open), provider: text(search.provider), model: text(search.model) }),
    component: lazyRouteComponent(() => import('./pages/settings/gateway-page.tsx'), 'GatewayPage'),
  });
  const audit = createRoute({
    getParentRoute,
    path: '/settings/audit',
    validateSearch: (search: RawSearch) =>
      given({ subject: text(search.subject), actor: text(search.actor), action: text(search.action) }),
    component: lazyRouteComponent(() => import('./pages/settings/audit-page.tsx'), 'AuditPage'),
  });
  return [settings, people, keys, gateway, audit] as const;
}

function createTree() {
  const root = createRoot();
  const parent = { getParentRoute: () => root };
  return root.addChildren([
    ...createTraceRoutes(parent),
    ...createLoopRoutes(parent),
    ...createTrackingRoutes(parent),
    ...createReviewRoutes(parent),
    ...createWatchRoutes(parent),
    ...createSettingsRoutes(parent),
  ]);
}

/** Search parameters are plain text, so that a link can be read and typed. */
export function createAppRouter() {
  return createRouter({
    routeTree: createTree(),
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    // Only the list that one comes back to; elsewhere a changed selection would be scrolled away again.
    scrollRestoration: ({ location }) => location.pathname === '/traces',
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search: RawSearch) => {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(search)) if (value !== undefined) query.set(key, String(value));
      const written = query.toString();
      return written === '' ? '' : `?${written}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
