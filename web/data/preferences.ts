import { useSyncExternalStore } from 'react';

/** What a person sets for this browser; `public/theme.js` puts it on the root element before the first paint. */
export type Preferences = {
  theme: 'light' | 'dark';
  density: 'compact' | 'comfortable';
  /** Single-key shortcuts (WCAG 2.1.4: they can be switched off). */
  keys: 'on' | 'off';
  sidebar: 'open' | 'closed';
};

const changed = 'wheelhouse:preferences';

export function setPreference<Name extends keyof Preferences>(name: Name, value: Preferences[Name]): void {
  document.documentElement.dataset[name] = value;
  try {
    localStorage.setItem(`wheelhouse.${name}`, value);
  } catch {
    // A browser that stores nothing still changes this page.
  }
  dispatchEvent(new Event(changed));
}

const subscribe = (listener: () => void) => {
  addEventListener(changed, listener);
  return () => removeEventListener(changed, listener);
};

const readPreference = <Name extends keyof Preferences>(name: Name): Preferences[Name] =>
  document.documentElement.dataset[name] as Preferences[Name];

export function usePreference<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  return useSyncExternalStore(subscribe, () => readPreference(name));
}

export const toggleTheme = (): void => setPreference('theme', readPreference('theme') === 'dark' ? 'light' : 'dark');
export const toggleSidebar = (): void =>
  setPreference('sidebar', readPreference('sidebar') === 'closed' ? 'open' : 'closed');
