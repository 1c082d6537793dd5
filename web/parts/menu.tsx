import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';

export type MenuItem = { label: ReactNode; run: () => void };

type MenuProps = { trigger: ReactElement; items: MenuItem[]; defaultOpen?: boolean };

/** A short list of actions behind one button; it opens inside the main landmark, where readers of screens look for it. */
export function Menu({ trigger, items, defaultOpen = false }: MenuProps) {
  return (
    <Base.Root defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal container={document.getElementById('main')}>
        <Base.Positioner sideOffset={4} align="start" className="z-40">
          <Base.Popup className="min-w-40 rounded-2 border border-line bg-raised p-1 shadow-[var(--shadow)]">
            {items.map((item, i) => (
              <Base.Item
                // biome-ignore lint/suspicious/noArrayIndexKey: the items of a menu are fixed.
                key={i}
                onClick={item.run}
                className="flex min-h-7 cursor-pointer items-center rounded-1 px-2 data-[highlighted]:bg-accent-bg"
              >
                {item.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
