import { Link } from '@tanstack/react-router';

const places = [
  { to: '/experiments', label: 'Evaluations' },
  { to: '/experiments/tracked', label: 'Tracked runs' },
] as const;

/** What was run here, and what was recorded elsewhere. */
export function ExperimentTabs() {
  return (
    <nav aria-label="Experiments" className="flex flex-none items-center gap-1 border-b border-line px-2 py-1">
      {places.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: true, includeSearch: false }}
          className="btn btn-quiet !min-h-6"
          activeProps={{ className: '!border-line-strong' }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
