import { useSyncExternalStore } from 'react';

/** What a person sets for this browser; `public/theme.js` puts it on the root element before the first paint. */
export type Preferences = {
  theme: 'light' | 'dark' | 'system';
  density: 'compact' | 'comfortable';
  /** Single-key shortcuts (WCAG 2.1.4: they can be switched off). */
  keys: 'on' | 'off';
  sidebar: 'open' | 'closed';
};

const changed = 'wheelhouse:preferences';
const prefix = 'wheelhouse.';

const root = () => document.documentElement.dataset;
const prefersDark = () => matchMedia('(prefers-color-scheme: dark)');

/** Where each stands on the root element; the styles know `data-theme` light and dark only. */
const places = { theme: 'themeChoice', density: 'density', keys: 'keys', sidebar: 'sidebar' } as const;

function apply(name: keyof Preferences, value: string): void {
  root()[places[name]] = value;
  if (name === 'theme') root().theme = value === 'system' ? (prefersDark().matches ? 'dark' : 'light') : value;
  dispatchEvent(new Event(changed));
}

export function setPreference<Name extends keyof Preferences>(name: Name, value: Preferences[Name]): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // A browser that stores nothing still changes this page.
  }
  apply(name, value);
}

const readPreference = <Name extends keyof Preferences>(name: Name): Preferences[Name] =>
  root()[places[name]] as Preferences[Name];

/** Follows the system's theme where that is the choice, and what is set in other tabs. */
export function followPreferences(): void {
  prefersDark().addEventListener('change', () => apply('theme', readPreference('theme')));
  addEventListener('storage', ({ key, newValue }) => {
    const name = key?.startsWith(prefix) ? key.slice(prefix.length) : '';
    if (newValue !== null && Object.hasOwn(places, name)) apply(name as keyof Preferences, newValue);
  });
}

const subscribe = (listener: () => void) => {
  addEventListener(changed, listener);
  return () => removeEventListener(changed, listener);
};

export function usePreference<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  return useSyncExternalStore(subscribe, () => readPreference(name));
}

/** The theme that is seen, whoever chose it. */
export const useShownTheme = (): 'light' | 'dark' =>
  useSyncExternalStore(subscribe, () => (root().theme === 'dark' ? 'dark' : 'light'));

export const toggleTheme = (): void => setPreference('theme', root().theme === 'dark' ? 'light' : 'dark');
export const toggleSidebar = (): void =>
  setPreference('sidebar', readPreference('sidebar') === 'closed' ? 'open' : 'closed');
