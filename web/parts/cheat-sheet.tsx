import { usePreference } from '../data/preferences.ts';
import { Dialog } from './dialog.tsx';
import { Keys } from './kbd.tsx';
import { type Shortcut, useShortcutGroups } from './shortcuts.tsx';

/** What can be done with several keys is one line. */
function byLabel(shortcuts: Shortcut[]): [label: string, keys: string[]][] {
  const lines = new Map<string, string[]>();
  for (const { label, keys } of shortcuts) lines.set(label, [...(lines.get(label) ?? []), keys]);
  return [...lines];
}

export function CheatSheet({ onClose }: { onClose: () => void }) {
  const groups = useShortcutGroups();
  const enabled = usePreference('keys') === 'on';
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} width={640}>
      {!enabled && <p className="mb-3 text-text-2">Single keys are off; Settings turns them on.</p>}
      <div className="gap-x-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group.id} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-medium text-text-3">{group.title}</h3>
            <dl>
              {byLabel(group.shortcuts).map(([label, keys]) => (
                <div key={label} className="flex min-h-7 items-center justify-between gap-4">
                  <dt>{label}</dt>
                  <dd className="flex items-center gap-2">
                    {keys.map((one) => (
                      <Keys key={one} keys={one} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
