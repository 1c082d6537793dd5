/** `support-bot@staging` as its parts; without an alias, `production`. */
export function placeOf(text: string): { model: string; alias: string } {
  const at = text.lastIndexOf('@');
  return at > 0 ? { model: text.slice(0, at), alias: text.slice(at + 1) } : { model: text, alias: 'production' };
}
