import { Link } from '@tanstack/react-router';

type Kind = 'evaluations' | 'optimizations';

const places = [
  { to: '/experiments', kind: undefined, label: 'All' },
  { to: '/experiments', kind: 'evaluations', label: 'Evaluations' },
  { to: '/experiments', kind: 'optimizations', label: 'Optimizations' },
  { to: '/experiments/tracked', kind: undefined, label: 'Tracked runs' },
] as const;

/** What was run here, of which kind, and what was recorded elsewhere. */
export function ExperimentTabs({ now }: { now: Kind | 'all' | 'tracked' }) {
  return (
    <nav
      aria-label="Experiments"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {places.map(({ to, kind, label }) => {
        const isHere = now === (to === '/experiments' ? (kind ?? 'all') : 'tracked');
        return (
          <Link
            key={label}
            to={to}
            search={kind === undefined ? {} : { kind }}
            activeProps={{ 'aria-current': isHere ? 'page' : undefined }}
            aria-current={isHere ? 'page' : undefined}
            className={`btn !min-h-6 ${isHere ? '!border-line-strong' : 'btn-quiet'}`}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
