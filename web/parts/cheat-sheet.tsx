import { Dialog } from './dialog.tsx';
import { Keys } from './kbd.tsx';
import { useShortcutGroups } from './shortcuts.tsx';

export function CheatSheet({ onClose }: { onClose: () => void }) {
  const groups = useShortcutGroups();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} width={640}>
      <div className="gap-x-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group.id} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-medium text-text-3">{group.title}</h3>
            <dl>
              {group.shortcuts.map((one) => (
                <div key={one.keys} className="flex min-h-7 items-center justify-between gap-4">
                  <dt>{one.label}</dt>
                  <dd>
                    <Keys keys={one.keys} />
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
