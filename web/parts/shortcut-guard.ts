/** A key press, as far as it matters for who may have it. */
export type Press = {
  key: string;
  isComposing: boolean;
  defaultPrevented: boolean;
  /** Whether the focus is in, or on, something that matches the selector. */
  inside(selector: string): boolean;
  /** A dialog or a menu is open. */
  isCovered: boolean;
};

const typing = 'input, textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"]';
const pressable = 'a, button, summary, [role="menuitem"], [role="option"]';
/** What the arrows move by themselves: sliders, and regions that scroll. Trees and grids leave their arrows to the page. */
const arrowed = '[role="slider"], [tabindex="0"]:not([role="tree"], [role="grid"])';

/** A key belongs to whoever has the focus first: text fields, open dialogs and menus, focused controls. */
export function isTaken(press: Press, shortcut: { always?: boolean | undefined }): boolean {
  if (press.isComposing || press.defaultPrevented) return true;
  if (shortcut.always) return false;
  if (press.isCovered) return true;
  if (press.key === 'Escape') return false;
  if (press.inside(typing)) return true;
  if (press.key.startsWith('Arrow')) return press.inside(arrowed);
  return (press.key === 'Enter' || press.key === ' ') && press.inside(pressable);
}
