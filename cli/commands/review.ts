import { writeFile } from 'node:fs/promises';
import {
  type Client,
  labelLines,
  type RequestBody,
  type ResponseBody,
  type ReviewQueueBody,
  WheelhouseApiError,
} from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { parseField } from '../parse-field.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const printJson = (terminal: Terminal, value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
const countText = (count: number, what: string) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

const fieldText = (field: ReviewQueueBody['form'][number]): string => {
  if (field.kind === 'number') return `${field.name} ${field.low}–${field.high}`;
  return field.kind === 'choice'
    ? `${field.name} ${field.options.map(({ value }) => value).join('/')}`
    : `${field.name} (${field.kind})`;
};

export async function listQueues({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listReviewQueues', {});
  if (json) printJson(terminal, data);
  else if (data.length === 0) terminal.err('  No queues yet: wheelhouse review new <name> --field good:boolean\n');
  else {
    const rows = data.map(({ name, items: { open, disputed, done }, form }) => [
      ...[name, String(open), String(disputed), String(done), form.map(fieldText).join(', ')],
    ]);
    const head = ['name', 'open', 'disputed', 'done', 'asked'];
    terminal.out(`${renderTable([head, ...rows], ['left', 'right', 'right', 'right', 'left']).join('\n')}\n`);
  }
  return exitCodes.done;
}

export type NewOptions = { field: string[]; instructions: string; overlap: number; open?: boolean };

export async function createQueue(name: string, options: NewOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { field, instructions, overlap, open } = options;
  const form = (field.length === 0 ? ['good:boolean'] : field).map(parseField);
  const body = { name, form, instructions, overlap, blind: open !== true };
  const queue = await openClient(config).call('createReviewQueue', { body });
  terminal.out(`  ${queue.name}  asks ${queue.form.map(fieldText).join(', ')}\n`);
  terminal.err(`  next: wheelhouse review add ${name} --filter 'score.feedback:false'\n`);
  return exitCodes.done;
}

export type AddOptions = {
  trace: string[];
  span: string[];
  session: string[];
  filter?: string;
  sessions?: boolean;
  sample: number;
  evaluation?: string;
  pairs?: boolean;
  run: string[];
  pick: string;
  measure?: string;
  other?: string;
  count?: number;
};
type NewItems = RequestBody<'addReviewItems'>;

const usualTraces = 200;
const picks = ['evenly', 'doubt', 'disagreement', 'flaky'] as const;

/** `<trace>/<span>` */
function spanOf(text: string): { traceId: string; spanId: string } {
  const [traceId, spanId] = text.split('/');
  if (traceId && spanId) return { traceId, spanId };
  throw new UsageError(`\`${text}\` is no span.`, 'Say <trace id>/<span id>.');
}

function ruleText(rule: ReviewQueueBody['rule']): string {
  if (rule === null) return 'nothing comes by itself';
  const share = rule.sample < 1 ? `${percent(rule.sample)} of ` : '';
  return `${share}${rule.q === '' ? 'all new traces' : `new traces that fit ${rule.q}`}`;
}

function itemsOf(options: AddOptions): NewItems {
  const { trace, span, session, filter, evaluation, run, count } = options;
  const named = [trace, span, session].map(({ length }) => length > 0);
  const ways = [...named, filter !== undefined, evaluation !== undefined].filter(Boolean).length;
  if (ways !== 1)
    throw new UsageError(
      'Say where items come from, in one way.',
      'It is --trace, --span, --session, --filter or --evaluation.',
    );
  if (trace.length > 0) return { from: 'traces', traceIds: trace };
  if (span.length > 0) return { from: 'spans', spans: span.map(spanOf) };
  if (session.length > 0) return { from: 'sessions', sessionIds: session };
  if (evaluation === undefined) {
    const of = options.sessions === true ? 'sessions' : 'traces';
    return { from: 'filter', of, q: filter ?? '', sample: options.sample, most: count ?? usualTraces };
  }
  const some = { ...(run.length > 0 && { runs: run }), ...(count !== undefined && { count }) };
  if (options.pairs === true) return { from: 'pairs', evaluationId: evaluation, ...some };
  const pick = picks.find((one) => one === options.pick);
  if (pick === undefined) throw new UsageError(`\`${options.pick}\` is no way to pick.`, `Say ${picks.join(', ')}.`);
  const { measure, other } = options;
  return { from: 'evaluation', evaluationId: evaluation, pick, measure, other, ...some };
}

export type RuleOptions = { sample: number; off?: boolean };

/** Says what comes into a queue by itself, and changes it. */
export async function setRule(
  name: string,
  filter: string | undefined,
  { sample, off }: RuleOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  if (off === true && filter !== undefined)
    throw new UsageError('A filter and --off say different things.', 'Say one of them.');
  const client = openClient(config);
  const params = { queue: name };
  const wanted = off === true ? null : filter === undefined ? undefined : { q: filter, sample };
  const { rule } =
    wanted === undefined
      ? await client.call('getReviewQueue', { params })
      : await client.call('setReviewRule', { params, body: { rule: wanted } });
  terminal.out(`  ${ruleText(rule)}\n`);
  return exitCodes.done;
}

export async function addItems(name: string, options: AddOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const params = { queue: name };
  let [body, found] = [itemsOf(options), { added: 0, present: 0 }];
  for (;;) {
    const { added, present, queue, next } = await client.call('addReviewItems', { params, body });
    found = { added: found.added + added, present: found.present + present };
    const missing = body.from === 'filter' ? (body.most ?? usualTraces) - added - present : 0;
    // Few of many traces fit or are sampled: the server looks at so many at once.
    if (body.from === 'filter' && next !== null && missing > 0) body = { ...body, most: missing, cursor: next };
    else {
      const known = found.present > 0 ? `, ${found.present} were there already` : '';
      terminal.out(`  ${countText(found.added, 'item')} added${known}; ${queue.items.open} open\n`);
      return exitCodes.done;
    }
  }
}

type Judged = ResponseBody<'correctJudge'>;

/** null: nothing in it was drawn by chance, or nothing of its form can be compared; or the evaluation is not what it was. */
async function readJudge(client: Client, queue: ReviewQueueBody, { err }: Terminal): Promise<Judged | null> {
  const isComparable = queue.form.some(
    (field) =>
      field.kind === 'boolean' ||
      field.kind === 'number' ||
      (field.kind === 'choice' && field.options.every(({ points }) => points !== null)),
  );
  if (queue.draw === null || !isComparable) return null;
  return client.call('correctJudge', { params: { queue: queue.name } }).catch((error: unknown) => {
    if (!(error instanceof WheelhouseApiError) || error.code !== 'conflict') throw error;
    err(`  ${error.message}\n`);
    return null;
  });
}

function judgeLines({ runs, measure, field }: Judged): string[] {
  const shown = (value: number | null) => (value === null ? '–' : percent(value));
  const rows = runs.map(({ label, score, difference }) => [
    label,
    shown(score.raw),
    shown(score.estimate),
    score.interval ? `${percent(score.interval.low)} to ${percent(score.interval.high)}` : score.method,
    `${score.labels} of ${score.rows}`,
    difference === null ? '' : difference.decision.replace('_', ' '),
  ]);
  const head = ['', measure, field, '95 % interval', 'labels', ''];
  return renderTable([head, ...rows], ['left', 'right', 'right', 'left', 'right', 'left']);
}

function preferenceLines({ runs, rows }: ResponseBody<'getReviewPreferences'>['groups'][number]): string[] {
  const lines = runs.map(({ label, wins, ties, losses, ranked }) => [
    ...[label, String(wins), String(ties), String(losses), ranked === null ? '–' : percent(ranked.winRate)],
    ranked === null ? '' : `place ${ranked.places.best} to ${ranked.places.worst}`,
  ]);
  const head = [countText(rows, 'row'), 'preferred', 'the same', 'not', 'win rate', ''];
  return renderTable([head, ...lines], ['left', 'right', 'right', 'right', 'right', 'left']);
}

export async function showQueue(name: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const params = { queue: name };
  const queue = await client.call('getReviewQueue', { params });
  const [agreement, judge] = [
    await client.call('getRaterAgreement', { params }),
    await readJudge(client, queue, terminal),
  ];
  const isOfPairs = queue.form.some(({ kind }) => kind === 'preference');
  const preferences = isOfPairs ? await client.call('getReviewPreferences', { params }) : null;
  if (json) {
    printJson(terminal, { queue, agreement, judge, preferences });
    return exitCodes.done;
  }
  const { open, disputed, done } = queue.items;
  terminal.out(`  ${terminal.outStyle.bold(name)}  ${done} done, ${open} open, ${disputed} disputed\n`);
  if (queue.instructions !== '') terminal.out(`  ${queue.instructions}\n`);
  if (queue.rule !== null) terminal.out(`  ${ruleText(queue.rule)}\n`);
  if (agreement.raters.length > 0) {
    const raters = agreement.raters.map(({ rater, labels, skipped, seconds }) => [
      ...[rater, String(labels), String(skipped), seconds === null ? '–' : `${seconds.toFixed(0)} s`],
    ]);
    const head = ['who', 'labels', 'skipped', 'an item'];
    terminal.out(`\n${renderTable([head, ...raters], ['left', 'right', 'right', 'right']).join('\n')}\n`);
  }
  const compared = agreement.fields.filter(({ alpha }) => alpha.units > 0);
  if (compared.length > 0) {
    const rows = compared.map(({ field, alpha, disputed: many }) => [
      ...[field, alpha.value?.toFixed(2) ?? '–', alpha.verdict.replace('_', ' '), `${alpha.units}`, `${many}`],
    ]);
    const head = ['field', 'alpha', '', 'items', 'disputed'];
    terminal.out(`\n${renderTable([head, ...rows], ['left', 'right', 'left', 'right', 'right']).join('\n')}\n`);
  }
  if (judge !== null) terminal.out(`\n${judgeLines(judge).join('\n')}\n`);
  for (const group of preferences?.groups ?? []) terminal.out(`\n${preferenceLines(group).join('\n')}\n`);
  return exitCodes.done;
}

export type ExportOptions = { output?: string; format: string };

export async function exportLabels(
  name: string,
  options: ExportOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const { output, format } = options;
  if (format !== 'jsonl' && format !== 'csv') throw new UsageError(`\`${format}\` is no format.`, 'Say jsonl or csv.');
  const lines: string[] = [];
  for await (const line of labelLines(openClient(config), name, format)) lines.push(line);
  const text = lines.map((line) => `${line}\n`).join('');
  if (output === undefined) terminal.out(text);
  else await writeFile(output, text);
  const labels = format === 'csv' ? Math.max(0, lines.length - 1) : lines.length;
  terminal.err(`  ${countText(labels, 'label')}${output === undefined ? '' : ` → ${output}`}\n`);
  return exitCodes.done;
}

export async function addExamples(
  name: string,
  dataset: string,
  { tag }: { tag: string[] },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const body = { dataset, tags: tag };
  const { corrected, added, refused } = await openClient(config).call('addReviewedExamples', {
    ...{ params: { queue: name }, body },
  });
  for (const { item, error } of refused) terminal.err(`  ${String(item).padStart(6)}  ${error}\n`);
  terminal.out(`  ${countText(added, 'example')} added to ${dataset}, from ${countText(corrected, 'correction')}\n`);
  return refused.length === 0 ? exitCodes.done : exitCodes.failed;
}

export async function removeQueue(
  name: string,
  { yes }: { yes?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  if (!yes) {
    const ask = askOnTerminal();
    if (ask === null) throw new UsageError('Nobody is there to be asked.', 'Say --yes to remove it.');
    const answer = await ask(`  Remove ${name} with its labels? Type its name: `);
    if (answer.trim() !== name) {
      terminal.err('  Nothing was removed.\n');
      return exitCodes.failed;
    }
  }
  const { removed } = await openClient(config).call('removeReviewQueue', { params: { queue: name } });
  terminal.out(removed ? `  ${name} is gone\n` : `  There is no queue ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}
