/** As JSON; what is nested too deep to be written is said to be so, since this must not break a page. */
export function jsonText(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent) ?? '';
  } catch {
    return '[nested too deep to show]';
  }
}
