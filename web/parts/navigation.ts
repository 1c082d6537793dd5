import {
  Activity,
  BellRing,
  BookOpenCheck,
  Boxes,
  Bug,
  CheckCheck,
  Database,
  FlaskConical,
  Gauge,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  type LucideIcon,
  Play,
  Rocket,
  ScrollText,
  Send,
  Settings,
  ShieldAlert,
  Tags,
  Telescope,
  Users,
  Waypoints,
  Workflow,
} from 'lucide-react';

type Destination = {
  to:
    | '/overview'
    | '/traces'
    | '/traces/online'
    | '/models'
    | '/playground'
    | '/datasets'
    | '/experiments'
    | '/review'
    | '/releases'
    | '/pipelines'
    | '/dashboards'
    | '/abuse'
    | '/issues'
    | '/monitors'
    | '/alerts'
    | '/channels'
    | '/settings'
    | '/settings/people'
    | '/settings/keys'
    | '/settings/gateway'
    | '/settings/audit'
    | '/prices'
    | '/ledger';
  label: string;
  keys: string;
  icon: LucideIcon;
  /** Pages that belong to it, though their addresses do not begin with its own. */
  holds?: readonly string[];
};

/** Only what has content. */
export const destinations: Destination[] = [
  {
    to: '/overview',
    label: 'Overview',
    keys: 'g o',
    icon: Gauge,
    holds: ['/dashboards', '/issues', '/monitors', '/alerts', '/channels', '/abuse'],
  },
  { to: '/traces', label: 'Traces', keys: 'g t', icon: Activity },
  { to: '/models', label: 'Models', keys: 'g m', icon: Boxes },
  { to: '/datasets', label: 'Datasets', keys: 'g d', icon: Database },
  { to: '/experiments', label: 'Experiments', keys: 'g e', icon: FlaskConical },
  { to: '/review', label: 'Review', keys: 'g r', icon: CheckCheck },
  { to: '/releases', label: 'Releases', keys: 'g l', icon: Rocket },
  { to: '/settings', label: 'Settings', keys: 'g ,', icon: Settings },
];

/** Pages below Overview, Models and Settings: in the palette and under their keys, not in the sidebar. */
export const morePlaces: Destination[] = [
  { to: '/traces/online', label: 'Online evaluations', keys: 'g s', icon: ListChecks },
  { to: '/dashboards', label: 'Dashboards', keys: 'g v', icon: LayoutDashboard },
  { to: '/issues', label: 'Issues', keys: 'g i', icon: Bug },
  { to: '/monitors', label: 'Monitors', keys: 'g n', icon: Telescope },
  { to: '/alerts', label: 'Alerts', keys: 'g h', icon: BellRing },
  { to: '/channels', label: 'Channels', keys: 'g c', icon: Send },
  { to: '/abuse', label: 'Abuse', keys: 'g x', icon: ShieldAlert },
  { to: '/pipelines', label: 'Pipelines', keys: 'g f', icon: Workflow },
  { to: '/playground', label: 'Playground', keys: 'g y', icon: Play },
  { to: '/settings/people', label: 'People', keys: 'g u', icon: Users },
  { to: '/settings/keys', label: 'Keys', keys: 'g k', icon: KeyRound },
  { to: '/settings/gateway', label: 'Gateway', keys: 'g w', icon: Waypoints },
  { to: '/settings/audit', label: 'Audit', keys: 'g a', icon: ScrollText },
  { to: '/ledger', label: 'Ledger', keys: 'g b', icon: BookOpenCheck },
  { to: '/prices', label: 'Prices', keys: 'g p', icon: Tags },
];
