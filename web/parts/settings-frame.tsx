import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageHeader } from './page-header.tsx';

const places = [
  { to: '/settings', label: 'General' },
  { to: '/settings/people', label: 'People' },
  { to: '/settings/keys', label: 'Keys' },
  { to: '/settings/gateway', label: 'Gateway' },
  { to: '/prices', label: 'Prices' },
  { to: '/ledger', label: 'Ledger' },
  { to: '/settings/audit', label: 'Audit' },
] as const;

/** Title of a page below Settings, and the way to the others. */
export function SettingsHeader({ title, actions }: { title: string; actions?: ReactNode }) {
  return (
    <>
      <PageHeader title={title} parent="Settings" actions={actions} />
      <nav aria-label="Settings" className="flex-none border-b border-line px-2 max-md:overflow-x-auto">
        <ul className="flex">
          {places.map(({ to, label }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: true, includeSearch: false }}
                className="inline-flex h-9 items-center px-2.5 text-text-2 -outline-offset-2 hover:text-text"
                activeProps={{ className: '!text-text font-medium shadow-[inset_0_-2px_0_var(--ink)]' }}
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </>
  );
}

/** A page below Settings. */
export function SettingsFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <SettingsHeader title={title} />
      <div className="mx-auto flex w-full max-w-[1080px] flex-col gap-8 p-4 pb-12">{children}</div>
    </>
  );
}
