import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readYaml } from '@wheelhouse/core/model';
import type { Client, PipelineBody, PipelineRunBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { runLines, runWords } from '../output/pipeline-report.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const pollMs = 1_000;
const printJson = (terminal: Terminal, value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
const timeText = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

function show({ terminal }: Deps, run: PipelineRunBody): void {
  terminal.out(`${runLines(run, terminal.outStyle).join('\n')}\n`);
}

/** 6 where something said no: nothing broke, and nothing was released. */
function exitOf({ state }: PipelineRunBody): ExitCode {
  if (state === 'failed' || state === 'stopped') return exitCodes.failed;
  return state === 'held_back' ? exitCodes.inconclusive : exitCodes.done;
}

const stateOf = ({ newest }: PipelineBody) => (newest === null ? 'never ran' : runWords(newest.state));

function triggerText(trigger: PipelineBody['definition']['triggers'][number]): string {
  if (trigger.on === 'schedule') return `schedule ${trigger.cron}`;
  if (trigger.on === 'alert') return `alert of ${trigger.monitor}`;
  if (trigger.on === 'labels') return `${trigger.count} labelled in ${trigger.queue}`;
  return trigger.on.replace('_', ' ');
}

/** `wheelhouse pipeline ls` */
export async function listPipelines({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listPipelines', { query: { limit: 500 } });
  if (json) printJson(terminal, data);
  else if (data.length === 0) terminal.err('  No pipelines yet: wheelhouse pipeline apply <file>\n');
  else {
    const rows = data.map((pipeline) => [
      ...[pipeline.name, `${pipeline.definition.model}@${pipeline.definition.alias}`, stateOf(pipeline)],
      pipeline.definition.triggers.map(triggerText).join(', ') || 'by hand',
    ]);
    const head = ['name', 'model', 'newest run', 'starts by'];
    terminal.out(`${renderTable([head, ...rows], ['left', 'left', 'left', 'left']).join('\n')}\n`);
  }
  return exitCodes.done;
}

async function readDefinition(file: string): Promise<{ name?: unknown; definition: object }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`\`${file}\` cannot be read.`, cause instanceof Error ? cause.message : '');
  });
  // JSON is YAML as well.
  const read = readYaml(text, 'The pipeline’s lines');
  if (read === null || typeof read !== 'object' || Array.isArray(read))
    throw new UsageError(`\`${file}\` holds no pipeline.`, 'It begins with name:, model: and steps:.');
  const { name, ...definition } = read;
  return { name, definition };
}

/** `wheelhouse pipeline apply`; the same file again changes nothing. */
export async function applyPipeline(file: string, options: { name?: string }, deps: Deps): Promise<ExitCode> {
  const { name: own, definition } = await readDefinition(file);
  const name = options.name ?? own;
  if (typeof name !== 'string')
    throw new UsageError('The pipeline has no name.', 'Say `name:` in the file, or --name <name>.');
  const body = definition as RequestBody<'setPipeline'>;
  const pipeline = await openClient(deps.config).call('setPipeline', { params: { pipeline: name }, body });
  const { steps, triggers } = pipeline.definition;
  deps.terminal.out(`  ${name}: ${steps.map((step) => step.name).join(' → ')}\n`);
  deps.terminal.out(`  starts by ${triggers.map(triggerText).join(', ') || `hand: wheelhouse pipeline run ${name}`}\n`);
  return exitCodes.done;
}

/** `wheelhouse pipeline plan`: what a file would do now. */
export async function planPipeline(file: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { definition } = await readDefinition(file);
  const plan = await openClient(config).call('planPipeline', { body: definition as RequestBody<'planPipeline'> });
  if (json) printJson(terminal, plan);
  else {
    const { triggers, model, alias } = plan.definition;
    const at = plan.baseline === null ? '' : `, which is at version ${plan.baseline}`;
    terminal.out(`  ${model}@${alias}${at}; starts by ${['hand', ...triggers.map(triggerText)].join(', ')}\n`);
    if (plan.nextAt !== null) terminal.out(`  next at ${timeText(plan.nextAt)}\n`);
    for (const [i, { name, sentence, problem }] of plan.steps.entries()) {
      terminal.out(`  ${i + 1}  ${terminal.outStyle.bold(name)}  ${sentence}\n`);
      if (problem !== null) terminal.out(`     ${terminal.outStyle.red('▲')} ${problem}\n`);
    }
  }
  return plan.steps.some(({ problem }) => problem !== null) ? exitCodes.inconclusive : exitCodes.done;
}

const newestOf = async (client: Client, name: string): Promise<PipelineRunBody> => {
  const { newest } = await client.call('getPipeline', { params: { pipeline: name } });
  if (newest) return newest;
  throw new UsageError(`${name} never ran.`, `Start it: wheelhouse pipeline run ${name}`);
};

/** `wheelhouse pipeline show` */
export async function showPipeline(name: string, { json }: Json, deps: Deps): Promise<ExitCode> {
  const pipeline = await openClient(deps.config).call('getPipeline', { params: { pipeline: name } });
  const { terminal } = deps;
  if (json) {
    printJson(terminal, pipeline);
    return exitCodes.done;
  }
  const { definition, appliedBy, changedAt, nextAt, pending, newest } = pipeline;
  const { model, alias, budget, triggers } = definition;
  terminal.out(`  ${terminal.outStyle.bold(name)}  ${model}@${alias}, by ${appliedBy}, ${timeText(changedAt)}\n`);
  if (definition.description !== '') terminal.out(`  ${definition.description}\n`);
  terminal.out(`  starts by ${[...triggers.map(triggerText), 'hand'].join(', ')}\n`);
  if (nextAt !== null) terminal.out(`  next at ${timeText(nextAt)}\n`);
  if (budget !== null) terminal.out(`  at most $${budget} a run\n`);
  if (pending !== null) terminal.out(`  waits to start: ${pending.sentence}\n`);
  terminal.out('\n');
  if (newest === null) terminal.out(`  ${definition.steps.map((step) => step.name).join(' → ')}\n`);
  else show(deps, newest);
  return exitCodes.done;
}

async function untilAnswer(client: Client, id: string, deps: Deps): Promise<ExitCode> {
  let seen = '';
  while (true) {
    const run = await client.call('getPipelineRun', { params: { runId: id } });
    const words = `${run.state} ${run.sentence}`;
    if (words !== seen) deps.terminal.out(`  ${run.sentence}\n`);
    seen = words;
    if (run.endedAt !== null || run.state === 'asks') {
      show(deps, run);
      return exitOf(run);
    }
    await sleep(pollMs);
  }
}

/** `wheelhouse pipeline run` */
export async function runPipeline(
  name: string,
  { watch, reason }: { watch?: boolean; reason: string },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const run = await client.call('runPipeline', { params: { pipeline: name }, body: { reason } });
  deps.terminal.out(`  ${name}, run ${run.number}: ${run.id}\n`);
  return watch ? untilAnswer(client, run.id, deps) : exitCodes.done;
}

/** `wheelhouse pipeline approve` and `reject`: of the run that asks. */
export async function decidePipeline(
  name: string,
  { yes, note, breaking }: { yes: boolean; note: string; breaking: boolean },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id, steps } = await newestOf(client, name);
  const asking = steps.find(({ state }) => state === 'asks');
  if (asking === undefined)
    throw new UsageError(`${name} asks for nothing now.`, `See wheelhouse pipeline show ${name}`);
  const body = { yes, step: asking.name, note, breaking };
  const run = await client.call('decidePipelineRun', { params: { runId: id }, body });
  deps.terminal.out(`  ${name}, run ${run.number}: ${yes ? 'you said yes' : 'you said no'} at ${asking.name}\n`);
  return exitCodes.done;
}

/** `wheelhouse pipeline stop` and `retry`: of the newest run. */
export async function changeRun(
  name: string,
  { verb, reason }: { verb: 'stop' | 'retry'; reason: string },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id } = await newestOf(client, name);
  const params = { runId: id };
  const run =
    verb === 'stop'
      ? await client.call('stopPipelineRun', { params, body: { reason } })
      : await client.call('retryPipelineRun', { params });
  deps.terminal.out(`  ${name}, run ${run.number}: ${run.sentence}\n`);
  return exitCodes.done;
}

/** `wheelhouse pipeline runs` */
export async function listRuns(
  name: string | undefined,
  { json, limit }: Json & { limit: number },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const query = { limit, ...(name === undefined ? {} : { pipeline: name }) };
  const { data } = await openClient(config).call('listPipelineRuns', { query });
  const rows = data.map((run) => [
    ...[timeText(run.startedAt), run.pipeline, String(run.number), runWords(run.state), run.sentence],
  ]);
  if (json) printJson(terminal, data);
  else if (rows.length === 0) terminal.err('  There was no run.\n');
  else terminal.out(`${renderTable(rows, ['left', 'left', 'right', 'left', 'left']).join('\n')}\n`);
  return exitCodes.done;
}

/** `wheelhouse pipeline rm` */
export async function removePipeline(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removePipeline', { params: { pipeline: name } });
  terminal.out(removed ? `  ${name} is gone; what its runs made stays\n` : `  There is no pipeline ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}
