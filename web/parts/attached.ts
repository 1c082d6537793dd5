import { createContext, useContext } from 'react';
import type { Attached } from '../data/recorded-files.ts';

const context = createContext<Attached>(null);

/** Around what shows messages of one trace: what is known of the files that came with it. */
export const AttachedProvider = context.Provider;

export const useAttached = (): Attached => useContext(context);
