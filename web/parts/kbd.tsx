const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

const glyphs: Record<string, string> = {
  Enter: '↵',
  Escape: 'esc',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Shift: '⇧',
};

const glyph = (key: string) => (key === '$mod' ? (isMac() ? '⌘' : 'Ctrl ') : (glyphs[key] ?? key));

/** A shortcut as keys; `g t` is two keys, `$mod+k` one. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-1">
      {keys.split(' ').map((press) => (
        <kbd key={press}>
          {press.length > 1 && press.includes('+')
            ? press.split('+').map(glyph).join('').toUpperCase().replace('CTRL', 'Ctrl')
            : glyph(press)}
        </kbd>
      ))}
    </span>
  );
}
