import { isJsonObject, type Json } from '../records/index.ts';

/** All text of a value, in order, a piece a line: what people would read of it. */
export function textOfValue(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  const parts: string[] = [];
  if (Array.isArray(value)) for (const item of value) parts.push(textOfValue(item));
  else if (isJsonObject(value))
    for (const [name, member] of Object.entries(value)) if (name !== 'role') parts.push(textOfValue(member));
  return parts.filter((part) => part !== '').join('\n');
}
