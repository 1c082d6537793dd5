import { useQueryClient } from '@tanstack/react-query';
import type { DashboardBody, PanelBody } from '@wheelhouse/sdk';
import { useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { useToast } from '../../parts/toast.tsx';

type Definition = Pick<DashboardBody, 'title' | 'panels'>;
const definitionOf = ({ title, panels }: Definition): Definition => ({ title, panels });

/** As far back as one can go. */
const mostUndone = 50;

/**
 * Changes of a dashboard: seen at once, kept one after another, the last of several that come while one is kept. What
 * somebody else changed meanwhile is not written over.
 */
export function useDashboardEdits(dashboard: DashboardBody) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [before, setBefore] = useState<Definition[]>([]);
  const wanted = useRef<Definition | null>(null);
  const isBusy = useRef(false);
  const revision = useRef(dashboard.revision);
  if (!isBusy.current) revision.current = dashboard.revision;
  const { name } = dashboard;
  const key = ['dashboards', name];

  async function keep(): Promise<void> {
    isBusy.current = true;
    try {
      for (let next = wanted.current; next; next = wanted.current) {
        wanted.current = null;
        const made = await client.call('setDashboard', {
          params: { dashboard: name },
          body: { ...next, ifRevision: revision.current },
        });
        revision.current = made.revision;
        if (wanted.current === null) queryClient.setQueryData(key, made);
      }
    } catch (error) {
      wanted.current = null;
      setBefore([]);
      toast(`✕ ${error instanceof Error ? error.message : String(error)}`);
      await queryClient.invalidateQueries({ queryKey: key });
    } finally {
      isBusy.current = false;
      void queryClient.invalidateQueries({ queryKey: ['dashboards'], exact: true });
    }
  }

  function put(next: Definition): void {
    queryClient.setQueryData<DashboardBody>(key, (old) => (old ? { ...old, ...next } : old));
    wanted.current = next;
    if (!isBusy.current) void keep();
  }

  const now = () => definitionOf(queryClient.getQueryData<DashboardBody>(key) ?? dashboard);
  return {
    canUndo: before.length > 0,
    change(change: (panels: PanelBody[]) => PanelBody[], said?: string): void {
      const was = now();
      const panels = change(was.panels);
      if (JSON.stringify(panels) === JSON.stringify(was.panels)) return;
      setBefore((all) => [...all, was].slice(-mostUndone));
      put({ ...was, panels });
      if (said !== undefined) toast(said);
    },
    rename(title: string): void {
      const was = now();
      setBefore((all) => [...all, was].slice(-mostUndone));
      put({ ...was, title });
    },
    undo(): void {
      const last = before.at(-1);
      if (!last) return;
      setBefore((all) => all.slice(0, -1));
      put(last);
      toast('✓ As it was before');
    },
  };
}
