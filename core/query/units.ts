import type { Nanos } from '../records/index.ts';
import type { FieldInfo } from './fields.ts';

type Unit = Exclude<FieldInfo['unit'], null>;

const timeUnits: readonly [string, bigint][] = [
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['w', 604_800_000_000_000n],
];
const countUnits: readonly [string, bigint][] = [
  ['', 1n],
  ['k', 1_000n],
  ['m', 1_000_000n],
  ['b', 1_000_000_000n],
];
const factors: Record<Unit, ReadonlyMap<string, bigint>> = {
  time: new Map([...timeUnits, ['µs', 1_000n], ['min', 60_000_000_000n]]),
  count: new Map(countUnits),
  usd: new Map([['', 1_000_000_000n]]),
};

/** What a number of that unit looks like, for hints. */
export const numberHint: Record<Unit, string> = {
  time: 'A time has a unit: 800ms, 2s, 5m, 24h, 7d.',
  usd: 'A cost is in dollars: 0.01.',
  count: 'A count is a whole number: 10, 10k, 1.5m.',
};

const largest = (1n << 63n) - 1n;

/** Whole nanoseconds, nano-dollars or pieces; null when the text is none, is finer than these, or is beyond 64 bits. */
export function parseNumber(text: string, unit: Unit): bigint | null {
  const match = /^(\d{1,19})(?:\.(\d{1,18}))?\s?([a-zµ]*)$/i.exec(unit === 'usd' ? text.replace(/^\$/, '') : text);
  const factor = factors[unit].get((match?.[3] ?? '').toLowerCase());
  if (!match?.[1] || factor === undefined) return null;
  const fraction = match[2] ?? '';
  const scaled = BigInt(match[1] + fraction) * factor;
  const scale = 10n ** BigInt(fraction.length);
  const value = scaled / scale;
  return scaled % scale === 0n && value <= largest ? value : null;
}

/** The shortest text that {@link parseNumber} reads back. */
export function printNumber(value: bigint, unit: Unit): string {
  if (unit === 'usd') {
    const fraction = (value % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
    return `${value / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
  }
  const units = unit === 'time' ? timeUnits : countUnits;
  const [name, factor] = units.findLast(([, size]) => value !== 0n && value % size === 0n) ?? [
    unit === 'time' ? 's' : '',
    1n,
  ];
  return `${value / factor}${name}`;
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/i;

function zoneMinutes(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** Nanoseconds since 1970 of an ISO 8601 time; UTC where it names no zone; null when it is none. */
export function parseTime(text: string): Nanos | null {
  const match = isoTime.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const ms = Date.UTC(...parts);
  const date = new Date(ms);
  const real = date.getUTCMonth() === parts[1] && date.getUTCDate() === parts[2];
  if (!real || parts[3] > 23 || parts[4] > 59 || parts[5] > 59 || ms < 0) return null;
  const ns = BigInt(ms - zoneMinutes(zone) * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  return ns < 0n || ns > largest ? null : ns;
}

/** ISO 8601 in UTC, no finer than needed. */
export function printTime(ns: Nanos): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}
