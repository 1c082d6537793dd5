import { useQueryClient } from '@tanstack/react-query';
import { type DashboardBody, type PanelBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { createDashboardEdits } from '../../data/dashboard-edits.ts';
import { useData } from '../../data/data-context.tsx';
import { useToast } from '../../parts/toast.tsx';

/**
 * What a page shows of a dashboard, and the changes that somebody makes on it.
 * @param read as it was read last; null: it is gone
 */
export function useDashboardEdits(first: DashboardBody, read: DashboardBody | null) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const say = useRef(toast);
  say.current = toast;
  const [edits] = useState(() => {
    const { name } = first;
    const params = { dashboard: name };
    return createDashboardEdits(
      first,
      {
        keep: (definition, ifRevision) => client.call('setDashboard', { params, body: { ...definition, ifRevision } }),
        read: () => client.call('getDashboard', { params }),
        isConflict: (error) => error instanceof WheelhouseApiError && error.code === 'conflict',
      },
      {
        kept(dashboard) {
          queryClient.setQueryData(['dashboards', name], dashboard);
          void queryClient.invalidateQueries({ queryKey: ['dashboards'], exact: true });
        },
        say: (text) => say.current(text),
      },
    );
  });
  useEffect(() => edits.saw(read), [edits, read]);
  const shown = useSyncExternalStore(edits.onShown, edits.shown);
  return {
    ...shown,
    change(change: (panels: PanelBody[]) => PanelBody[], said?: string): void {
      const isDone = edits.change(({ title, panels }) => ({ title, panels: change(panels) }));
      if (isDone && said !== undefined) toast(said);
    },
    rename: (title: string): void => void edits.change(({ panels }) => ({ title, panels })),
    undo: edits.undo,
    showTheirs: edits.showTheirs,
    makeAgain: edits.makeAgain,
  };
}
