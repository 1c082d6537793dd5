import { usePreference } from '../data/preferences.ts';
import { Keys } from './kbd.tsx';
import { useShortcutGroups } from './shortcuts.tsx';

/** What the keys do here; made from the registry, so it cannot promise what is not there. */
export function StatusBar() {
  const groups = useShortcutGroups();
  const enabled = usePreference('keys') === 'on';
  const hints = groups.flatMap((group) => group.shortcuts).filter((one) => one.hint);
  return (
    <footer className="flex h-7 flex-none items-center gap-4 overflow-hidden border-t border-line bg-sunken px-4 text-xs text-text-2 max-md:hidden">
      {enabled ? (
        hints.map((one) => (
          <span key={one.keys} className="flex items-center gap-1 whitespace-nowrap">
            <Keys keys={one.keys} /> {one.label}
          </span>
        ))
      ) : (
        <span>Single-key shortcuts are off; Settings turns them on.</span>
      )}
    </footer>
  );
}
