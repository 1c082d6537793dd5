import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createClient, WheelhouseApiError } from '@wheelhouse/sdk';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { DataProvider } from './data/data-context.tsx';
import { openLive } from './data/live.ts';
import { feedCache } from './data/live-cache.ts';
import { followPreferences } from './data/preferences.ts';
import { followProject } from './data/project.ts';
import { ShortcutProvider } from './parts/shortcuts.tsx';
import { createAppRouter } from './routes.tsx';
import './styles.css';

const triesAgain = (failures: number, error: Error) =>
  failures < 2 && !(error instanceof WheelhouseApiError && error.status >= 400 && error.status < 500);

function start(root: HTMLElement) {
  followPreferences();
  followProject();
  const queryClient = new QueryClient({
    defaultOptions: {
      // The live feed says when something changed, so nothing is asked again for a mere change of window.
      queries: { staleTime: 5_000, refetchOnWindowFocus: false, retry: triesAgain, retryDelay: 400 },
    },
  });
  const live = openLive();
  feedCache(queryClient, live);
  const router = createAppRouter();
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <DataProvider data={{ client: createClient(), live }}>
          <ShortcutProvider>
            <RouterProvider router={router} />
          </ShortcutProvider>
        </DataProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) start(root);
