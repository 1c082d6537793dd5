import { cloneElement, lazy, type ReactElement, Suspense, useState } from 'react';
import type { MenuItem } from './menu.tsx';

const Menu = lazy(async () => ({ default: (await import('./menu.tsx')).Menu }));

type LateMenuProps = { trigger: ReactElement<{ onClick?: () => void; 'aria-haspopup'?: 'menu' }>; items: MenuItem[] };

/** A menu on a page whose first load is large: its code comes when it is first asked for. */
export function LateMenu({ trigger, items }: LateMenuProps) {
  const [isWanted, setWanted] = useState(false);
  if (!isWanted) return cloneElement(trigger, { onClick: () => setWanted(true), 'aria-haspopup': 'menu' });
  return (
    <Suspense fallback={trigger}>
      <Menu trigger={trigger} items={items} defaultOpen />
    </Suspense>
  );
}
