import { Activity, Boxes, Database, FlaskConical, type LucideIcon, Settings } from 'lucide-react';

type Destination = {
  to: '/traces' | '/models' | '/datasets' | '/experiments' | '/settings';
  label: string;
  keys: string;
  icon: LucideIcon;
};

/** Only what has content. */
export const destinations: Destination[] = [
  { to: '/traces', label: 'Traces', keys: 'g t', icon: Activity },
  { to: '/models', label: 'Models', keys: 'g m', icon: Boxes },
  { to: '/datasets', label: 'Datasets', keys: 'g d', icon: Database },
  { to: '/experiments', label: 'Experiments', keys: 'g e', icon: FlaskConical },
  { to: '/settings', label: 'Settings', keys: 'g ,', icon: Settings },
];
