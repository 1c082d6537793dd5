import type { ReactNode } from 'react';
import { CopyLink } from './copy-link.tsx';

type PageHeaderProps = {
  /** Of the browser's tab. */
  title: string;
  heading?: ReactNode;
  /** Where this page belongs: a link back. */
  parent?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
};

/** Title, status and numbers on the left; what one can do on the right. */
export function PageHeader({ title, heading, parent, children, actions }: PageHeaderProps) {
  return (
    <header className="flex min-h-12 flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
      <title>{`${title} · Wheelhouse`}</title>
      {parent && <span className="whitespace-nowrap text-text-3">{parent} /</span>}
      <h1 className="min-w-0 truncate text-lg font-semibold">{heading ?? title}</h1>
      {children}
      {(actions || parent) && (
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {parent && <CopyLink />}
          {actions}
        </div>
      )}
    </header>
  );
}
