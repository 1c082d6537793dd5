import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

type TracesLinkProps = { href: string | null; className?: string; label?: string; children: ReactNode };

/** Leads to the traces behind a number; plain text where no filter says which they are. */
export function TracesLink({ href, className = 'link', label, children }: TracesLinkProps): ReactNode {
  const navigate = useNavigate();
  if (href === null) return <span>{children}</span>;
  return (
    <a
      href={href}
      className={className}
      aria-label={label}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        void navigate({ href });
      }}
    >
      {children}
    </a>
  );
}
