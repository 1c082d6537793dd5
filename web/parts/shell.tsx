import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { toggleSidebar, toggleTheme } from '../data/preferences.ts';
import { useCopyLink } from './copy-link.tsx';
import { destinations, morePlaces } from './navigation.ts';
import { everywhere, useShortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';
import { ToastProvider } from './toast.tsx';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const CheatSheet = lazy(async () => ({ default: (await import('./cheat-sheet.tsx')).CheatSheet }));

/** Moves the focus to the new page's content, as a loaded document would. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(pathname);
  useEffect(() => {
    if (first.current !== pathname) main.current?.focus({ preventScroll: true });
    first.current = pathname;
  }, [pathname]);
  return main;
}

function Frame() {
  const [open, setOpen] = useState<'palette' | 'actions' | 'keys' | null>(null);
  const navigate = useNavigate();
  const main = useFocusOnNavigation();
  const copyLink = useCopyLink();
  const close = () => setOpen(null);
  useShortcuts(everywhere, [
    { keys: '?', label: 'all shortcuts', hint: true, run: () => setOpen('keys') },
    { keys: '$mod+k', label: 'jump to', always: true, run: () => setOpen(open === 'palette' ? null : 'palette') },
    { keys: '.', label: 'actions of this page', run: () => setOpen('actions') },
    { keys: 'y', label: 'copy link', run: () => copyLink() },
    { keys: 't', label: 'switch theme', run: toggleTheme },
    { keys: '[', label: 'fold the sidebar', run: toggleSidebar },
    ...[...destinations, ...morePlaces].map(({ to, label, keys }) => ({
      keys,
      label: `go to ${label}`,
      run: () => void navigate({ to }),
    })),
  ]);
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="btn btn-primary sr-only z-50 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <Sidebar onSearch={() => setOpen('palette')} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <main ref={main} id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-auto outline-none">
          <Outlet />
        </main>
        <StatusBar />
      </div>
      <Suspense fallback={null}>
        {(open === 'palette' || open === 'actions') && (
          <Palette only={open === 'actions' ? 'actions' : null} onClose={close} />
        )}
        {open === 'keys' && <CheatSheet onClose={close} />}
      </Suspense>
    </div>
  );
}

/** The frame of every page. */
export function Shell(): ReactNode {
  return (
    <ToastProvider>
      <Frame />
    </ToastProvider>
  );
}
