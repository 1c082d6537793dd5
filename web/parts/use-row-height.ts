import { useSyncExternalStore } from 'react';
import { usePreference } from '../data/preferences.ts';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Phones and narrow windows: rows take two lines there. */
export const useNarrow = (): boolean => useMedia('(max-width: 767px)');

/** The row height that the styles set, in pixels, for lists that compute where rows stand. */
export function useRowHeight(variable: '--row' | '--row-tree'): number {
  usePreference('density');
  useMedia('(pointer: coarse)');
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue(variable)) || 32;
}
