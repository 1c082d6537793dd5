import { type Behaviour, type BehaviourRow, compareBehaviour } from '@wheelhouse/core/eval';
import { formatUsd } from '@wheelhouse/core/records';
import type { Client, ResponseBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { behaviourLines } from '../output/behaviour-report.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { watchTask } from '../output/watch-task.ts';
import { placeOf } from './release-place.ts';

type Deps = { config: Config; terminal: Terminal };
export type ReplayOptions = { last: number; repetitions: number; yes?: boolean; json?: boolean };
type Row = ResponseBody<'listEvaluationRows'>['data'][number];

const rowsAtOnce = 100;
const shownChanges = 3;

async function incumbentOf(client: Client, { model, alias }: { model: string; alias: string }): Promise<number> {
  const found = await client.call('getModel', { params: { name: model } });
  const at = found.model.aliases.find((one) => one.alias === alias)?.version;
  if (at !== undefined) return at;
  throw new UsageError(`There is no ${model}@${alias}.`, 'Move the alias to its first version, or name another one.');
}

/** A dataset of its own, frozen, of what the incumbent was asked last. */
async function keepInputs(
  client: Client,
  { ref, last, terminal }: { ref: string; last: number; terminal: Terminal },
): Promise<string | null> {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const name = `replay-${ref.replace(/\W+/g, '-')}-${stamp}`;
  const description = `What ${ref} was asked last, to be asked again.`;
  await client.call('createDataset', { body: { name, description, source: `traces of ${ref}` } });
  let added = 0;
  const counted = (job: ResponseBody<'addTraces'>) => ({ ...job, total: job.total ?? last });
  await watchTask({
    terminal,
    start: async () =>
      counted(await client.call('addTraces', { params: { name }, body: { q: `model:"${ref}"`, most: last } })),
    read: async (jobId, signal) => counted(await client.call('getDatasetJob', { params: { name, jobId }, signal })),
    progress: (job) => ({ done: job.added, note: 'inputs' }),
    cancelWith: `wheelhouse dataset cancel ${name}`,
    ended: (job) => {
      added = job.added;
      return exitCodes.done;
    },
  });
  if (added > 0) {
    await client.call('freezeDataset', { params: { name } });
    return name;
  }
  await client.call('removeDataset', { params: { name } });
  return null;
}

async function agreed(
  { rows, calls, costNanoUsd }: ResponseBody<'estimateEvaluation'>,
  { yes, terminal }: { yes: boolean; terminal: Terminal },
): Promise<boolean> {
  const cost = costNanoUsd === null ? 'at a cost that is not known' : `for about ${formatUsd(BigInt(costNanoUsd))}`;
  terminal.err(`  ${rows} inputs, ${calls} calls, ${cost}\n`);
  if (yes) return true;
  const ask = askOnTerminal();
  if (ask === null) throw new UsageError('Nobody is there to agree to that.', 'Say --yes.');
  const answer = await ask('  Go on? [y/N] ');
  return /^y(es)?$/i.test(answer.trim());
}

async function allRows(client: Client, evaluationId: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: ResponseBody<'listEvaluationRows'> = await client.call('listEvaluationRows', {
      ...{ params: { evaluationId }, query },
    });
    rows.push(...page.data);
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}

const answersOf = ({ cells }: Row, run: string) =>
  (cells[run] ?? []).map(({ output, error, latencyNs, costNanoUsd }) => ({
    output: error === null ? output : null,
    latencyNs: BigInt(latencyNs),
    costNanoUsd: costNanoUsd === null ? null : BigInt(costNanoUsd),
  }));

/** Those that say most: what fails first, then what is least alike. */
function examplesOf(rows: readonly Row[], compared: readonly BehaviourRow[], { rows: kinds, alike }: Behaviour) {
  return rows
    .map((row, i) => ({ row, kind: kinds[i], alike: alike[i] ?? -1, answers: compared[i] }))
    .filter(({ kind }) => kind === 'fails' || kind === 'changed')
    .sort((a, b) => a.alike - b.alike)
    .slice(0, shownChanges)
    .map(({ row, answers }) => ({
      input: row.input,
      before: answers?.before[0]?.output ?? null,
      after: answers?.after.every(({ output }) => output !== null) ? (answers.after[0]?.output ?? null) : null,
    }));
}

/** `wheelhouse release replay`: the last inputs of an alias, asked again of its version and of another one. */
export async function replayRelease(
  { model: text, candidate }: { model: string; candidate: number },
  options: ReplayOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const place = placeOf(text);
  const incumbent = await incumbentOf(client, place);
  const [before, after] = [`${place.model}@${incumbent}`, `${place.model}@${candidate}`];
  const dataset = await keepInputs(client, { ref: before, last: options.last, terminal });
  if (dataset === null)
    throw new UsageError(`No trace shows what ${before} was asked.`, 'Call it first, or evaluate a dataset.');
  const runs = before === after ? [{ ref: before }] : [{ ref: before }, { ref: after }];
  const name = `Replay of ${before} with ${after}`;
  const body = { name, dataset, runs, repetitions: options.repetitions };
  if (!(await agreed(await client.call('estimateEvaluation', { body }), { yes: options.yes ?? false, terminal }))) {
    terminal.err(`  Nothing was asked. The inputs are kept: dataset ${dataset}\n`);
    return exitCodes.done;
  }
  let done: ResponseBody<'getEvaluation'> | null = null;
  const code = await watchTask({
    terminal,
    start: () => client.call('createEvaluation', { body }),
    read: (evaluationId, signal) => client.call('getEvaluation', { params: { evaluationId }, signal }),
    progress: (one) => ({ done: one.done, note: 'answers' }),
    cancelWith: 'wheelhouse eval stop',
    ended: (one) => {
      done = one;
      return one.status === 'completed' ? exitCodes.done : exitCodes.failed;
    },
  });
  const evaluation = done as ResponseBody<'getEvaluation'> | null;
  if (evaluation === null || code !== exitCodes.done) return code;
  const [old, now] = [evaluation.runs[0]?.id ?? '', evaluation.runs.at(-1)?.id ?? ''];
  const rows = await allRows(client, evaluation.id);
  const compared = rows.map((row) => ({ before: answersOf(row, old), after: answersOf(row, now) }));
  const behaviour = compareBehaviour(compared);
  const report = { ...place, incumbent, candidate, dataset, evaluation: evaluation.id, behaviour };
  if (options.json) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const examples = examplesOf(rows, compared, behaviour);
    terminal.out(`${behaviourLines({ ...report, examples }, terminal.outStyle).join('\n')}\n`);
  }
  return behaviour.counts.fails === 0 ? exitCodes.done : exitCodes.failed;
}
