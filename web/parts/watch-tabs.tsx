import { Link } from '@tanstack/react-router';

const places = [
  { to: '/overview', label: 'Overview' },
  { to: '/dashboards', label: 'Dashboards' },
  { to: '/issues', label: 'Issues' },
  { to: '/monitors', label: 'Monitors' },
  { to: '/alerts', label: 'Alerts' },
  { to: '/channels', label: 'Channels' },
  { to: '/abuse', label: 'Abuse' },
] as const;

/** How it goes: now, and whoever looks while nobody does. */
export function WatchTabs({ now }: { now: (typeof places)[number]['to'] }) {
  return (
    <nav aria-label="Watching" className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1">
      {places.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeProps={{ 'aria-current': to === now ? 'page' : undefined }}
          aria-current={to === now ? 'page' : undefined}
          className={`btn !min-h-6 ${to === now ? '!border-line-strong' : 'btn-quiet'}`}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
