import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, Random, ViewStore } from '@wheelhouse/core/ports';
import { idRandomBytes, nanosToMs, newId, type ViewId } from '@wheelhouse/core/records';

export type ViewDeps = { views: ViewStore; clock: Clock; random: Random };

/** Saved views: a name for an address of the web app. */
export function createViewHandlers(deps: ViewDeps): Handlers<'listViews' | 'createView' | 'removeView'> {
  return {
    listViews: async ({ by }) => ({ data: await deps.views.list(by.project) }),
    createView: ({ by, body }) => {
      const id = newId('vw', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      return deps.views.create(by, { id, name: body.name, url: body.url });
    },
    removeView: async ({ by, params }) => ({ removed: await deps.views.remove(by, params.viewId as ViewId) }),
  };
}
