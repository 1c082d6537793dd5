import { Link2 } from 'lucide-react';
import { useMe } from '../data/access-queries.ts';
import { linkIn } from '../data/project.ts';
import { useToast } from './toast.tsx';

/** Copies a link to what is shown, as it is shown: the URL holds all of it, and the project where there are several. */
export function useCopyLink(): (url?: string) => void {
  const toast = useToast();
  const me = useMe();
  return (address = location.href) => {
    const url = me !== undefined && me.projects.length > 1 ? linkIn(me.project.id, address) : address;
    navigator.clipboard.writeText(url).then(
      () => toast('Link copied.'),
      () => toast(`✕ The browser did not let the link be copied: ${url}`),
    );
  };
}

export function CopyLink() {
  const copy = useCopyLink();
  return (
    <button type="button" className="btn btn-icon" aria-label="Copy link" title="Copy link (y)" onClick={() => copy()}>
      <Link2 size={13} strokeWidth={1.75} />
    </button>
  );
}
