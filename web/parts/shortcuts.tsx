import type { RouteId } from '@wheelhouse/sdk';
import {
  createContext,
  type ReactNode,
  use,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import { tinykeys } from 'tinykeys';
import { useMay } from '../data/access-queries.ts';
import { usePreference } from '../data/preferences.ts';
import { isTaken, type Press } from './shortcut-guard.ts';

export type Shortcut = {
  /** As tinykeys writes them: `j`, `g t`, `Shift+E`, `$mod+k`. */
  keys: string;
  label: string;
  run: (event: KeyboardEvent) => void;
  /** Shown in the status bar. */
  hint?: boolean;
  /** Works while typing, too. */
  always?: boolean;
  /** Only for those who may call it. */
  needs?: RouteId;
};
export type ShortcutGroup = { id: string; title: string; shortcuts: Shortcut[] };

type Registry = {
  set(group: ShortcutGroup): void;
  remove(id: string): void;
  all(): ShortcutGroup[];
  onChange(listener: () => void): () => void;
};

const RegistryContext = createContext<Registry | null>(null);

function createRegistry(): Registry {
  let groups: ShortcutGroup[] = [];
  const listeners = new Set<() => void>();
  const change = (next: ShortcutGroup[]) => {
    groups = next;
    for (const listener of listeners) listener();
  };
  return {
    set: (group) => change([...groups.filter((one) => one.id !== group.id), group]),
    remove: (id) => change(groups.filter((one) => one.id !== id)),
    all: () => groups,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** How long the first key of a sequence waits for the second. */
const sequenceMs = 1000;

const pressOf = (event: KeyboardEvent): Press => {
  const target = event.target instanceof Element ? event.target : null;
  return {
    key: event.key,
    isComposing: event.isComposing,
    defaultPrevented: event.defaultPrevented,
    inside: (selector) => target?.closest(selector) != null,
    isCovered: document.querySelector('dialog[open], [role="menu"]') !== null,
  };
};

/** Of the frame around every page. */
export const everywhere = 'Everywhere';

/** The frame first, so that a page may give one of its keys a meaning of its own. */
const pagesLast = (groups: ShortcutGroup[]) => [
  ...groups.filter((group) => group.title === everywhere),
  ...groups.filter((group) => group.title !== everywhere),
];

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(createRegistry, []);
  const groups = useSyncExternalStore(registry.onChange, registry.all);
  const enabled = usePreference('keys') === 'on';
  useEffect(() => {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {};
    const sequences = groups.flatMap((group) => group.shortcuts).filter((one) => one.keys.includes(' '));
    const prefixes = new Set(sequences.map((one) => one.keys.split(' ')[0]));
    let begunAt = Number.NEGATIVE_INFINITY;
    for (const { shortcuts } of pagesLast(groups))
      for (const shortcut of shortcuts) {
        if (!enabled && !/\$mod|Escape|Enter|Arrow/.test(shortcut.keys)) continue;
        const run = (event: KeyboardEvent) => {
          if (isTaken(pressOf(event), shortcut)) return;
          // The `t` of `g t` is not a `t` of its own.
          if (!shortcut.keys.includes(' ') && event.timeStamp - begunAt < sequenceMs) return;
          event.preventDefault();
          shortcut.run(event);
        };
        bindings[shortcut.keys] = run;
        // On some layouts these characters are typed with Shift.
        if (/^[?/]$/.test(shortcut.keys)) bindings[`Shift+${shortcut.keys}`] = run;
      }
    const stop = tinykeys(window, bindings, { timeout: sequenceMs });
    // After the bindings, so that the first key of a sequence still counts for itself.
    const note = (event: KeyboardEvent) => {
      begunAt = prefixes.has(event.key) ? event.timeStamp : Number.NEGATIVE_INFINITY;
    };
    addEventListener('keydown', note);
    return () => {
      stop();
      removeEventListener('keydown', note);
    };
  }, [groups, enabled]);
  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

function useRegistry(): Registry {
  const registry = use(RegistryContext);
  if (registry === null) throw new Error('A shortcut was used outside ShortcutProvider.');
  return registry;
}

/** Parts of a page may each register under its title. */
function merged(groups: ShortcutGroup[]): ShortcutGroup[] {
  const byTitle = new Map<string, ShortcutGroup>();
  for (const group of groups) {
    const known = byTitle.get(group.title);
    byTitle.set(group.title, known ? { ...known, shortcuts: [...known.shortcuts, ...group.shortcuts] } : group);
  }
  return [...byTitle.values()];
}

/** What the page adds comes before what works everywhere; a key that the page has taken is shown once. */
export function useShortcutGroups(): ShortcutGroup[] {
  const registry = useRegistry();
  const groups = useSyncExternalStore(registry.onChange, registry.all);
  const own = merged(groups.filter((group) => group.title !== everywhere && group.shortcuts.length > 0));
  const taken = new Set(own.flatMap((group) => group.shortcuts.map((one) => one.keys)));
  const rest = groups
    .filter((group) => group.title === everywhere)
    .map((group) => ({ ...group, shortcuts: group.shortcuts.filter((one) => !taken.has(one.keys)) }));
  return [...own, ...rest];
}

/** Registers while mounted. What a key does may change with each render; which keys there are, by content. */
export function useShortcuts(title: string, all: Shortcut[]): void {
  const registry = useRegistry();
  const may = useMay();
  const shortcuts = all.filter(({ needs }) => needs === undefined || may(needs));
  const id = useId();
  const latest = useRef(shortcuts);
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  const shape = JSON.stringify(shortcuts.map(({ run: _, ...rest }) => rest));
  useEffect(() => {
    const described = JSON.parse(shape) as Omit<Shortcut, 'run'>[];
    registry.set({
      id,
      title,
      shortcuts: described.map((one) => ({
        ...one,
        run: (event) => latest.current.find((now) => now.keys === one.keys)?.run(event),
      })),
    });
    return () => registry.remove(id);
  }, [registry, id, title, shape]);
}
