/** Characters of one string, members of one value, and levels of it that a trace keeps. */
const limits = { string: 1 << 20, nodes: 100_000, depth: 48 } as const;

const cut = (text: string): string =>
  text.length <= limits.string ? text : `${text.slice(0, 1024)}… (${text.length - 1024} more characters were left out)`;

/** What an object stands for in a trace: data as it is, machinery by its name. */
function plainOf(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]));
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.constructor.name}, ${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
  return value;
}

function bounded(root: unknown): unknown {
  const above: object[] = [];
  let nodes = 0;
  function copy(value: unknown): unknown {
    if (typeof value === 'string') return cut(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    if (above.includes(value)) return '[circular]';
    if (above.length >= limits.depth || ++nodes > limits.nodes) return '[…]';
    above.push(value);
    const plain = plainOf(value);
    const copied =
      plain !== value
        ? copy(plain)
        : Array.isArray(value)
          ? value.map((item) => copy(item) ?? null)
          : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
    above.pop();
    return copied;
  }
  return copy(root);
}

/** The value as JSON text, whatever it is: cycles, machinery and huge strings are cut. null when it has no JSON. */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(bounded(value)) ?? null;
  } catch {
    return null;
  }
}
