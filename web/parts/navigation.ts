import {
  Activity,
  BookOpenCheck,
  Boxes,
  CheckCheck,
  Database,
  FlaskConical,
  Gauge,
  KeyRound,
  type LucideIcon,
  Play,
  ScrollText,
  Settings,
  Tags,
  Users,
  Waypoints,
} from 'lucide-react';

type Destination = {
  to:
    | '/overview'
    | '/traces'
    | '/models'
    | '/playground'
    | '/datasets'
    | '/experiments'
    | '/review'
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
};

/** Only what has content. */
export const destinations: Destination[] = [
  { to: '/overview', label: 'Overview', keys: 'g o', icon: Gauge },
  { to: '/traces', label: 'Traces', keys: 'g t', icon: Activity },
  { to: '/models', label: 'Models', keys: 'g m', icon: Boxes },
  { to: '/datasets', label: 'Datasets', keys: 'g d', icon: Database },
  { to: '/experiments', label: 'Experiments', keys: 'g e', icon: FlaskConical },
  { to: '/review', label: 'Review', keys: 'g r', icon: CheckCheck },
  { to: '/settings', label: 'Settings', keys: 'g ,', icon: Settings },
];

/** Pages below Models and Settings: in the palette and under their keys, not in the sidebar. */
export const morePlaces: Destination[] = [
  { to: '/playground', label: 'Playground', keys: 'g y', icon: Play },
  { to: '/settings/people', label: 'People', keys: 'g u', icon: Users },
  { to: '/settings/keys', label: 'Keys', keys: 'g k', icon: KeyRound },
  { to: '/settings/gateway', label: 'Gateway', keys: 'g w', icon: Waypoints },
  { to: '/settings/audit', label: 'Audit', keys: 'g a', icon: ScrollText },
  { to: '/ledger', label: 'Ledger', keys: 'g b', icon: BookOpenCheck },
  { to: '/prices', label: 'Prices', keys: 'g p', icon: Tags },
];
