import { numberFields, spanKinds, textFields } from '../records/index.ts';

/** One field of the filter language, as completion and the reference show it. */
export type FieldInfo = {
  name: string;
  /** Other names that are understood; the printed form is `name`. */
  aliases: readonly string[];
  /** What it takes after the name. `text`: `:value`; `number`: also `>` `>=` `<` `<=`; `score`: both. */
  takes: 'text' | 'number' | 'score' | 'words' | 'time' | 'duration' | 'field';
  unit: 'time' | 'usd' | 'count' | null;
  /** All values there are; null when they are open. */
  values: readonly string[] | null;
  about: string;
  example: string;
};

type Entry = Omit<FieldInfo, 'name' | 'aliases' | 'takes' | 'unit' | 'values'> &
  Partial<Pick<FieldInfo, 'aliases' | 'values' | 'unit'>>;

const texts: Record<(typeof textFields)[number], Entry> = {
  status: { values: ['ok', 'error', 'unset'], about: "Status of the trace's root span", example: 'status:error' },
  name: { about: "Name of the trace's root span", example: 'name:"chat *"' },
  kind: { values: spanKinds, about: 'Kind of any of its spans', example: 'kind:agent' },
  model: {
    about: 'Any model in it: registered, with or without its version, or base, with or without its provider',
    example: 'model:support-bot,gpt*',
  },
  provider: { about: 'Any provider in it', example: 'provider:openai' },
  tool: { about: 'Any tool that it called', example: 'tool:search_orders' },
  service: { about: 'Any service in it', example: 'service:checkout' },
  environment: { aliases: ['env'], about: 'Deployment environment', example: 'environment:production' },
  release: { about: 'Release of the application', example: 'release:2026.11*' },
  tag: { aliases: ['tags'], about: 'Any of its tags', example: 'tag:vip' },
  session: { about: 'The conversation it belongs to', example: 'session:s-42' },
  user: { about: 'The end user', example: 'user:42' },
  run: {
    about: 'The evaluation or optimization that made it; such traces are left out unless `run` is named',
    example: 'run:*',
  },
  dialect: { about: 'How its spans came', example: 'dialect:langfuse' },
  trace: { aliases: ['id'], about: 'Trace id, or its beginning with `*`', example: 'trace:4bf92f*' },
};

const numbers: Record<(typeof numberFields)[number], Entry> = {
  latency: { aliases: ['duration'], unit: 'time', about: 'From start to end', example: 'latency>2s' },
  first_token: {
    aliases: ['ttft'],
    unit: 'time',
    about: 'From the start of its first streamed call to the first token',
    example: 'first_token>800ms',
  },
  cost: { unit: 'usd', about: 'In dollars; unknown where no price is known', example: 'cost>0.01' },
  tokens: { about: 'Input and output tokens', example: 'tokens>10k' },
  input_tokens: { about: 'Input tokens, cached ones included', example: 'input_tokens>100k' },
  output_tokens: { about: 'Output tokens, reasoning included', example: 'output_tokens<=5' },
  spans: { about: 'Number of spans', example: 'spans>100' },
  errors: { about: 'Number of failed spans', example: 'errors>=3' },
  unpriced: { about: 'Calls whose price is unknown', example: 'unpriced>0' },
};

const others: FieldInfo[] = [
  {
    name: 'score',
    aliases: [],
    takes: 'score',
    unit: null,
    values: null,
    about: 'The newest score of a name, `score.name`; `score` alone is any score',
    example: 'score.grounded<0.5',
  },
  {
    name: 'text',
    aliases: [],
    takes: 'words',
    unit: null,
    values: null,
    about: 'Words in name, input or output, in any case; bare words mean the same',
    example: 'text:"my refund"',
  },
  {
    name: 'has',
    aliases: [],
    takes: 'field',
    unit: null,
    values: null,
    about: 'Says anything for that field',
    example: 'has:score.grounded',
  },
  {
    name: 'last',
    aliases: [],
    takes: 'duration',
    unit: 'time',
    values: null,
    about: 'Started so long ago or later',
    example: 'last:24h',
  },
  {
    name: 'since',
    aliases: [],
    takes: 'time',
    unit: null,
    values: null,
    about: 'Started then or later; ISO 8601, UTC unless it says otherwise',
    example: 'since:2026-11-21T09:00',
  },
  {
    name: 'until',
    aliases: [],
    takes: 'time',
    unit: null,
    values: null,
    about: 'Started before',
    example: 'until:2026-11-22',
  },
];

/** Every field of the filter language. */
export const fields: readonly FieldInfo[] = [
  ...textFields.map(
    (name): FieldInfo => ({ name, aliases: [], takes: 'text', unit: null, values: null, ...texts[name] }),
  ),
  ...numberFields.map(
    (name): FieldInfo => ({ name, aliases: [], takes: 'number', unit: 'count', values: null, ...numbers[name] }),
  ),
  ...others,
];

const byName = new Map(fields.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field])));

/** The field of that name or alias; `score.grounded` is the field `score`. */
export const findField = (name: string): FieldInfo | null => byName.get(name) ?? null;

/** All names that are understood, aliases too. */
export const fieldNames: readonly string[] = [...byName.keys()];
