const idKeys = new Set(['traceId', 'spanId', 'parentSpanId']);

type Halves = { low: number; high: number; unsigned?: boolean };
const isHalves = (value: object): value is Halves =>
  'low' in value && 'high' in value && typeof value.low === 'number' && typeof value.high === 'number';

function plain(value: unknown, key: string): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString(idKeys.has(key) ? 'hex' : 'base64');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, key));
  if (isHalves(value)) {
    const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
    return (value.unsigned === true ? bits : BigInt.asIntN(64, bits)).toString();
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member, name)]));
}

/** A decoded piece of an export in OTLP's JSON, ids in hex and 64-bit integers as text, whatever it was sent in. */
export const wireJson = (decoded: object): string => JSON.stringify(plain(decoded, ''));
