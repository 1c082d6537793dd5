import { formatDuration, formatUsd } from '@wheelhouse/core/records';
import { jsonText } from './safe-json.ts';

/** Nano-dollars in a decimal string, as the API sends them; `?` when the price is unknown. */
export const usd = (nano: string | null): string => formatUsd(nano === null ? null : BigInt(nano));

/** Nanoseconds in a decimal string. */
export const duration = (nanos: string): string => formatDuration(BigInt(nanos));

export const between = (startNs: string, endNs: string): string => formatDuration(BigInt(endNs) - BigInt(startNs));

/** Seconds as a number, as comparisons give latency. */
export const seconds = (value: number): string => {
  const text = formatDuration(BigInt(Math.round(Math.abs(value) * 1e9)));
  return value < 0 ? `−${text}` : text;
};

/** Dollars as a number, as comparisons give cost. */
export const dollars = (value: number): string => formatUsd(BigInt(Math.round(value * 1e9)));

export const count = (value: number): string => value.toLocaleString('en');

export const sizeText = (characters: number): string =>
  characters < 1024 * 1024
    ? `${count(Math.ceil(characters / 1024))} KB`
    : `${(characters / 1024 / 1024).toFixed(1)} MB`;

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const msOf = (startNs: string) => Number(BigInt(startNs) / 1_000_000n);
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
});
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Time of day for today, the day too for older ones. */
export function startTime(startNs: string): string {
  const date = new Date(msOf(startNs));
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : dayAndClock.format(date);
}

/** Exact, for readers who hover. */
export const exactTime = (startNs: string): string => new Date(msOf(startNs)).toISOString();

export const dateTime = (iso: string): string => whole.format(new Date(iso));

export const shortHash = (hash: string): string => hash.replace(/^\w+:/, '').slice(0, 8);

/** Any JSON value as text for reading: text as it is, the rest as JSON. */
export const asText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : jsonText(value, 2);

type ChatMessage = { role?: unknown; content?: unknown; parts?: { type?: string; content?: unknown }[] };

/** The one line that stands for an example's input: the last user message of a conversation, otherwise the value. */
export function exampleText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return asText(value);
  const messages = (value as { messages?: unknown }).messages;
  if (!Array.isArray(messages) || messages.length === 0) {
    const entries = Object.entries(value);
    const only = entries.length === 1 ? entries[0]?.[1] : undefined;
    return typeof only === 'string' ? only : jsonText(value);
  }
  const list = messages as ChatMessage[];
  const last = list.findLast((message) => message.role === 'user') ?? list.at(-1);
  if (typeof last?.content === 'string') return last.content;
  const parts = last?.parts?.filter((part) => typeof part.content === 'string').map((part) => part.content);
  return parts && parts.length > 0 ? parts.join('\n') : jsonText(last);
}
