import type { Client } from '@wheelhouse/sdk';
import { createContext, type ReactNode, use, useSyncExternalStore } from 'react';
import type { Live, LiveState } from './live.ts';

/** What pages read and write through. */
export type Data = { client: Client; live: Live };

const DataContext = createContext<Data | null>(null);

export function DataProvider({ data, children }: { data: Data; children: ReactNode }) {
  return <DataContext value={data}>{children}</DataContext>;
}

export function useData(): Data {
  const data = use(DataContext);
  if (data === null) throw new Error('A page was rendered outside DataProvider.');
  return data;
}

export function useLiveState(): LiveState {
  const { live } = useData();
  return useSyncExternalStore(live.onState, live.state);
}
