import { formatUsd, type UsageBucket } from '@wheelhouse/core/records';
import type { PriceBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type ListOptions = { provider?: string; own?: boolean; limit: number; json?: boolean };
export type SetOptions = Partial<Record<RateOption, string>> & {
  above: string[];
  serviceTier?: string;
  from?: string;
  source?: string;
};
export type EndOptions = { at?: string };

const bucketOf = {
  input: 'inputUncached',
  cacheRead: 'cacheRead',
  cacheWrite: 'cacheWrite5m',
  cacheWrite1h: 'cacheWrite1h',
  inputImage: 'inputImage',
  inputAudio: 'inputAudio',
  output: 'outputText',
  reasoning: 'reasoning',
  outputAudio: 'outputAudio',
  request: 'requests',
} as const satisfies Record<string, UsageBucket>;
type RateOption = keyof typeof bucketOf;
type DollarRates = RequestBody<'createPrice'>['usdPerMillion'];

const isRate = (name: string): name is RateOption => Object.hasOwn(bucketOf, name);
const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function ratesOf(options: Partial<Record<RateOption, string>>): DollarRates {
  const entries = Object.entries(bucketOf) as [RateOption, UsageBucket][];
  return Object.fromEntries(
    entries.flatMap(([option, bucket]) => (options[option] === undefined ? [] : [[bucket, options[option]]])),
  );
}

/** `200000:input=3,output=15` */
export function parseTier(text: string): { aboveInputTokens: number; usdPerMillion: DollarRates } {
  const [tokens = '', rest = ''] = text.split(':');
  const pairs = rest.split(',').map((pair) => pair.trim().split('='));
  const given: Partial<Record<RateOption, string>> = {};
  for (const [name = '', value = ''] of pairs) {
    const option = camel(name);
    if (!isRate(option) || !/^\d{1,9}(\.\d{1,9})?$/.test(value))
      throw new UsageError(`--above "${text}" is not right.`, 'It takes tokens and rates: 200000:input=3,output=15');
    given[option] = value;
  }
  if (!/^\d{1,9}$/.test(tokens))
    throw new UsageError(`--above "${text}" does not begin with a number of tokens.`, '200000:input=3,output=15');
  return { aboveInputTokens: Number(tokens), usdPerMillion: ratesOf(given) };
}

const rate = (price: PriceBody, bucket: UsageBucket): string => {
  const nano = price.perMillion[bucket];
  return nano === undefined ? '' : formatUsd(BigInt(nano));
};
const day = (iso: string | null) =>
  iso === null ? '' : iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ');

function priceRow(price: PriceBody, { dim }: Terminal['outStyle']): (string | CellText)[] {
  const tier = price.serviceTier === null ? '' : ` (${plain(price.serviceTier)})`;
  return [
    `${plain(price.provider)}/${plain(price.model)}${tier}`,
    rate(price, 'inputUncached'),
    rate(price, 'cacheRead'),
    rate(price, 'cacheWrite5m'),
    rate(price, 'outputText'),
    { text: price.tiers.map(({ aboveInputTokens }) => `>${aboveInputTokens}`).join(' '), paint: dim },
    day(price.validFrom),
    day(price.validUntil),
    { text: plain(price.origin === 'own' ? price.createdBy : 'catalogue'), paint: dim },
    { text: plain(price.id), paint: dim },
  ];
}

/** `wheelhouse prices ls` */
export async function listPrices(model: string | undefined, options: ListOptions, deps: Deps): Promise<ExitCode> {
  const { terminal } = deps;
  const query = {
    limit: Math.min(options.limit, 500),
    ...(model !== undefined && { model }),
    ...(options.provider !== undefined && { provider: options.provider }),
    ...(options.own && { origin: 'own' as const }),
  };
  const { data, next } = await openClient(deps.config).call('listPrices', { query });
  if (options.json) {
    terminal.out(`${JSON.stringify(data)}\n`);
    return exitCodes.done;
  }
  const style = terminal.outStyle;
  const head = ['$ PER MILLION', 'INPUT', 'CACHED', 'WRITE', 'OUTPUT', 'TIERS', 'FROM', 'UNTIL', 'SET BY', 'ID'];
  const rows = [head.map((text) => ({ text, paint: style.dim })), ...data.map((price) => priceRow(price, style))];
  const align = ['left', 'right', 'right', 'right', 'right', 'left', 'left', 'left', 'left', 'left'] as const;
  terminal.out(data.length === 0 ? '  No price fits.\n' : `${renderTable(rows, [...align]).join('\n')}\n`);
  if (next !== null) terminal.err(`  There are more: name a model, or --limit ${query.limit * 4}\n`);
  return exitCodes.done;
}

/** `wheelhouse prices set` */
export async function setPrice(name: string, options: SetOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1)
    throw new UsageError(
      `\`${name}\` names no provider.`,
      'Write it as provider/model, for example openai/gpt-4o-mini.',
    );
  const usdPerMillion = ratesOf(options);
  if (Object.keys(usdPerMillion).length === 0)
    throw new UsageError('There is no rate.', 'Give at least one, in dollars per million: --input 0.15 --output 0.6');
  const price = await openClient(config).call('createPrice', {
    body: {
      provider: name.slice(0, slash),
      model: name.slice(slash + 1),
      usdPerMillion,
      tiers: options.above.map(parseTier),
      ...(options.serviceTier !== undefined && { serviceTier: options.serviceTier }),
      ...(options.from !== undefined && { validFrom: options.from }),
      ...(options.source !== undefined && { source: options.source }),
    },
  });
  const from = day(price.validFrom);
  terminal.out(
    `  ${terminal.outStyle.green('✓')} ${plain(price.id)}: ${plain(price.provider)}/${plain(price.model)} from ${from}\n`,
  );
  const started = price.validFrom ?? '';
  if (Date.parse(started) < Date.parse(price.createdAt ?? '') - 60_000)
    terminal.err(`  Calls since then keep their figures until: wheelhouse prices reprice --from ${started}\n`);
  return exitCodes.done;
}

/** `wheelhouse prices end` */
export async function endPrice(id: string, { at }: EndOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const body = at === undefined ? {} : { at };
  const price = await openClient(config).call('endPrice', { params: { priceId: id }, body });
  const name = `${plain(price.provider)}/${plain(price.model)}`;
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(id)}: ${name} ends ${day(price.validUntil)}\n`);
  return exitCodes.done;
}
