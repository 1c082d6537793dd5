import { nanosPerMs } from '@wheelhouse/core/records';
import type { Database } from '@wheelhouse/server/stores/clickhouse/database';
import { callsSql, hoursSql, minutesSql, summariesSql } from '@wheelhouse/server/stores/clickhouse/summary-sql';
import { createHourRollUp } from '@wheelhouse/server/stores/clickhouse/trace-hours';

export const spansPerTrace = 4;
export const days = 30;
const tracesAtOnce = 5_000;
const messages = 50_000;
const words =
  'order parcel carrier refund invoice address delivery warehouse table chair lamp blue oak return week label receipt total payment account customer agent search answer policy damaged missing late delay charge credit card bank transfer confirm cancel change update store branch city street number name email phone message reply open close paid pending'.split(
    ' ',
  );

/** Words that a number stands for, always the same. */
const sentence = (seed: string, length: number) =>
  `arrayStringConcat(arrayMap(i -> [${words.map((word) => `'${word}'`).join(',')}][1 + cityHash64(${seed}, i) % ${words.length}], range(${length})), ' ')`;
const message = (role: string, seed: string) =>
  `concat('{"parts":[{"content":"', ${sentence(seed, 45)}, '","type":"text"}],"role":"${role}"}')`;
const holeOf = (role: string, seed: string) =>
  `concat('{"messages":[', char(1), substring(lower(hex(SHA256(${message(role, seed)}))), 1, 32), '],"type":"messages"}')`;

export const traceIdSql = (trace: string) => `lower(hex(sipHash128('bench', ${trace})))`;

async function writePayloads(database: Database): Promise<void> {
  for (const [role, offset] of [
    ['user', 0],
    ['assistant', messages],
  ] as const)
    await database.command(`
      INSERT INTO payloads (project_id, hash, content)
      SELECT 'default', substring(lower(hex(SHA256(content))), 1, 32), content
      FROM (SELECT ${message(role, 'number')} AS content FROM numbers(${offset}, ${messages}))`);
}

/** Four spans a trace: an agent, a tool, and two calls of a model; two in a hundred fail. */
function spansSql(from: number, count: number, traces: number, startNs: bigint): string {
  const step = (BigInt(days) * 86_400_000n * nanosPerMs) / BigInt(traces);
  const model = "['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'gpt-4.1'][1 + t % 5]";
  const isCall = 'n % 4 >= 2';
  return `
INSERT INTO spans (project_id, trace_id, span_id, parent_span_id, kind, name, start_ns, end_ns, first_token_ns, status, provider,
  request_model, response_id, input, input_preview, input_text, output, output_preview, output_text, tool_name, usage_source,
  usage_counts, cost_nano_usd, session_id, user_id, environment, release, tags, dialect, normalizer, service, attributes)
SELECT 'default', ${traceIdSql('t')}, lower(hex(sipHash64(n))), if(n % 4 = 0, '', lower(hex(sipHash64(n - n % 4)))),
  ['agent', 'tool', 'generation', 'generation'][1 + n % 4], ['support agent', 'search orders', 'chat', 'chat'][1 + n % 4],
  toUInt64(${startNs}) + t * ${step} + (n % 4) * 200000000 AS start, start + 150000000 + sipHash64(n, 1) % 3000000000,
  if(${isCall}, start + 100000000 + sipHash64(n, 2) % 500000000, NULL), if(n % 200 < 2, 'error', 'ok'),
  if(${isCall}, ['openai', 'openai', 'anthropic', 'google', 'openai'][1 + t % 5], ''), if(${isCall}, ${model}, ''),
  if(${isCall}, lower(hex(sipHash64(n, 3))), ''),
  ${holeOf('user', `(n % ${messages})`)} AS input, substring(${sentence(`(n % ${messages})`, 45)}, 1, 200),
  concat('order ', toString(t), ' ', ${sentence(`(n % ${messages})`, 45)}),
  ${holeOf('assistant', `(${messages} + n % ${messages})`)}, substring(${sentence(`(${messages} + n % ${messages})`, 45)}, 1, 200),
  ${sentence(`(${messages} + n % ${messages})`, 45)},
  if(n % 4 = 1, ['search_orders', 'refund', 'send_mail'][1 + t % 3], ''), if(${isCall}, 'provider', ''),
  if(${isCall}, map('inputUncached', toFloat64(100 + sipHash64(n, 4) % 2000), 'outputText', toFloat64(sipHash64(n, 5) % 400)), map()),
  if(${isCall}, 1000 + sipHash64(n, 6) % 90000000, NULL), concat('session-', toString(intDiv(t, 5))),
  concat('user-', toString(sipHash64(intDiv(t, 5)) % 5000)), if(t % 10 = 0, 'staging', 'production'), '1.4.2',
  if(t % 20 = 0, ['vip'], []), 'otel-genai', 1, ['shop', 'desk', 'mail'][1 + t % 3],
  concat('{"gen_ai.operation.name":"chat","otel.resource":{"service.name":"shop"},"order":', toString(t), '}')
FROM (SELECT number AS n, intDiv(number, ${spansPerTrace}) AS t FROM numbers(${from}, ${count}))
SETTINGS max_insert_block_size = 200000`;
}

/**
 * Fills the store with spans over ${days} days, made by the engine itself, and with their summaries as the server makes
 * them. Ids are the same for the same number of spans.
 */
export async function writeSampleRows(
  database: Database,
  spans: number,
  startNs: bigint,
  progress: (spans: number) => void,
): Promise<void> {
  await writePayloads(database);
  const traces = spans / spansPerTrace;
  for (let from = 0; from < traces; from += tracesAtOnce) {
    const count = Math.min(tracesAtOnce, traces - from);
    await database.command(spansSql(from * spansPerTrace, count * spansPerTrace, traces, startNs));
    const ids = await database.query<{ id: string }>(
      `SELECT ${traceIdSql('number')} AS id FROM numbers(${from}, ${count})`,
    );
    const params = { project: 'default', traces: ids.map(({ id }) => id), since: 0 };
    await database.command(summariesSql([]), params);
    await database.command(callsSql([]), params);
    progress((from + count) * spansPerTrace);
  }
  const version = String(BigInt(Date.now()) * nanosPerMs);
  await database.command(minutesSql, { done: '0', version });
  await database.command(hoursSql, { version });
  const hours = createHourRollUp(database, 0);
  while (await hours.step());
  // So that the server does not make all of them again when it starts.
  await database.command("INSERT INTO watermarks (name, at) SELECT 'summaries', now64(3) + 60");
}
