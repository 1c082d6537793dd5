import { isJsonObject, type Json, type JsonObject, type NanoUsd, WheelhouseError } from '@wheelhouse/core/records';
import { parseCsv } from './parse-csv.ts';

export type BillLine = {
  /** UTC. */
  day: string;
  /** null: the bill does not say. */
  model: string | null;
  nanoUsd: NanoUsd;
};

export type Bill = {
  format: string;
  /** null: the form does not say. */
  provider: string | null;
  lines: BillLine[];
  /** What was left out, and why. */
  notes: string[];
};

const unreadable = (message: string, hint: string) =>
  new WheelhouseError('invalid_request', message, { param: 'content', hint });
const noMoney = () =>
  unreadable(
    'The file counts tokens and holds no money.',
    'Download the costs instead of the usage: GET /v1/organization/costs?group_by=line_item of OpenAI, /v1/organizations/cost_report?group_by[]=description of Anthropic.',
  );

const digits = 12;
const unit = 10n ** BigInt(digits);

/** Exact up to twelve digits after the point; rounded to nano-dollars once. */
function moneyOf(text: string, perDollar: bigint): NanoUsd | null {
  const trimmed = text.trim().replace(/^\$/, '');
  const plain = /e/i.test(trimmed) ? Number(trimmed).toFixed(digits) : trimmed;
  const match = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/.exec(plain);
  if (!match) return null;
  const [, sign, whole = '0', fraction = ''] = match;
  const scaled = BigInt(whole) * unit + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
  const divisor = perDollar * (unit / 1_000_000_000n);
  const nano = (scaled + divisor / 2n) / divisor;
  return sign === '-' ? -nano : nano;
}

/** The UTC day of an ISO text, a plain date, or seconds since 1970. */
function dayOf(value: Json | undefined): string | null {
  const ms =
    typeof value === 'number' || (typeof value === 'string' && /^\d{9,11}$/.test(value.trim()))
      ? Number(value) * 1000
      : typeof value === 'string'
        ? Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(value.trim()) ? `${value.trim()}T00:00:00Z` : value.trim())
        : Number.NaN;
  return Number.isNaN(ms) || Math.abs(ms) > 8e15 ? null : new Date(ms).toISOString().slice(0, 10);
}

/** OpenAI names a line `gpt-4o-2024-08-06, input`. */
const modelOfLine = (line: string): string | null =>
  line
    .split(',', 1)[0]
    ?.trim()
    .replace(/ (?:input|output|cached input)$/i, '') || null;

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);
const isDollar = (currency: Json | undefined) =>
  currency == null || currency === '' || String(currency).toLowerCase() === 'usd';

type Reader = { lines: BillLine[]; skipped: Map<string, number> };

function skip({ skipped }: Reader, why: string): void {
  skipped.set(why, (skipped.get(why) ?? 0) + 1);
}

function readOpenAiBucket(reader: Reader, bucket: JsonObject): void {
  const day = dayOf(bucket.start_time);
  for (const result of objects(bucket.results)) {
    const amount = isJsonObject(result.amount) ? result.amount : null;
    if (amount === null) throw noMoney();
    const nanoUsd = moneyOf(String(amount.value ?? ''), 1n);
    if (!isDollar(amount.currency)) skip(reader, `in ${String(amount.currency)}`);
    else if (day === null || nanoUsd === null) skip(reader, 'without a readable day or amount');
    else reader.lines.push({ day, model: modelOfLine(textOf(result.line_item) ?? ''), nanoUsd });
  }
}

/** Amounts are cents, as decimal text. */
function readAnthropicBucket(reader: Reader, bucket: JsonObject): void {
  const day = dayOf(bucket.starting_at);
  for (const result of objects(bucket.results)) {
    if (result.amount === undefined) throw noMoney();
    const nanoUsd = moneyOf(String(result.amount), 100n);
    if (!isDollar(result.currency)) skip(reader, `in ${String(result.currency)}`);
    else if (day === null || nanoUsd === null) skip(reader, 'without a readable day or amount');
    else reader.lines.push({ day, model: textOf(result.model) ?? textOf(result.description), nanoUsd });
  }
}

const objects = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

function readJson(json: Json): Omit<Bill, 'notes'> & { reader: Reader } {
  // Several pages may be put together in one array.
  const pages = Array.isArray(json) ? json.filter(isJsonObject) : isJsonObject(json) ? [json] : [];
  const buckets = pages.flatMap((page) => objects(page.data ?? (page.results ? [page] : [])));
  const reader: Reader = { lines: [], skipped: new Map() };
  const isAnthropic = buckets.some((bucket) => bucket.starting_at !== undefined);
  const isOpenAi = buckets.some((bucket) => bucket.start_time !== undefined);
  if (isAnthropic === isOpenAi)
    throw unreadable(
      'The JSON is no bill that is known here.',
      'Send the answer of OpenAI’s /v1/organization/costs or of Anthropic’s /v1/organizations/cost_report, or a CSV of date, model, usd.',
    );
  for (const bucket of buckets) (isAnthropic ? readAnthropicBucket : readOpenAiBucket)(reader, bucket);
  const provider = isAnthropic ? 'anthropic' : 'openai';
  const format = isAnthropic ? 'Anthropic cost report (JSON)' : 'OpenAI costs (JSON)';
  return { format, provider, lines: reader.lines, reader };
}

const columnNames = {
  day: ['date', 'day', 'usage_date_utc', 'usage_date', 'start_time_iso', 'starting_at', 'start_time'],
  money: ['usd', 'cost_usd', 'amount_value', 'amount_usd', 'cost', 'amount'],
  model: ['model', 'model_version', 'line_item', 'description'],
  currency: ['amount_currency', 'currency'],
};

function readCsv(text: string): Omit<Bill, 'notes'> & { reader: Reader } {
  const [header = [], ...rows] = parseCsv(text);
  const names = header.map((name) => name.trim().toLowerCase().replace(/\s+/g, '_'));
  const indexOf = (kind: keyof typeof columnNames) => names.findIndex((name) => columnNames[kind].includes(name));
  const [day, money, model, currency] = [indexOf('day'), indexOf('money'), indexOf('model'), indexOf('currency')];
  if (day < 0 || money < 0) {
    if (names.some((name) => /tokens/.test(name))) throw noMoney();
    throw unreadable(
      `The CSV has no column of ${day < 0 ? 'days' : 'dollars'}: its columns are ${names.slice(0, 12).join(', ') || 'missing'}.`,
      'The smallest form is a first line `date,model,usd`, then a line for each day and model.',
    );
  }
  const reader: Reader = { lines: [], skipped: new Map() };
  for (const row of rows) {
    const amount = row[money]?.trim() ?? '';
    // OpenAI has a line for each day, also for those without costs.
    if (amount === '') continue;
    const [when, nanoUsd] = [dayOf(row[day]), moneyOf(amount, 1n)];
    if (!isDollar(row[currency])) skip(reader, `in ${row[currency]}`);
    else if (when === null || nanoUsd === null) skip(reader, 'without a readable day or amount');
    else reader.lines.push({ day: when, model: modelOfLine(row[model] ?? ''), nanoUsd });
  }
  if (names.includes('amount_value'))
    return { format: 'OpenAI costs (CSV)', provider: 'openai', lines: reader.lines, reader };
  if (names.includes('usage_date_utc'))
    return { format: 'Anthropic cost (CSV)', provider: 'anthropic', lines: reader.lines, reader };
  return { format: 'CSV', provider: null, lines: reader.lines, reader };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw unreadable(
      `The bill looks like JSON and is not: ${cause instanceof Error ? cause.message : 'unreadable'}.`,
      'Send the file as it was downloaded.',
    );
  }
}

/**
 * Reads a provider's bill: OpenAI costs (the API's JSON, or the dashboard's CSV), Anthropic's cost report (JSON, or the
 * console's CSV), or any CSV with a day, a model and dollars. Throws `invalid_request` with what to do about it.
 */
export function readBill(content: string): Bill {
  const text = content.replace(/^\uFEFF/, '').trim();
  const { reader, ...bill } = /^[[{]/.test(text) ? readJson(parseJson(text)) : readCsv(text);
  if (bill.lines.length === 0)
    throw unreadable(
      'The bill has no line with an amount.',
      'Choose a period with costs, and group by line item or description.',
    );
  const notes = [...reader.skipped].map(
    ([why, count]) => `${count} ${count === 1 ? 'line' : 'lines'} ${why}: left out`,
  );
  return { ...bill, notes };
}
