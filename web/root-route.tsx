import { createRootRoute } from '@tanstack/react-router';
import { NotFound } from './parts/request-state.tsx';
import { Shell } from './parts/shell.tsx';

export const createRoot = () =>
  createRootRoute({ component: Shell, notFoundComponent: () => <NotFound what="This page" /> });

/** What pages are put below. */
export type Parent = { getParentRoute: () => ReturnType<typeof createRoot> };
