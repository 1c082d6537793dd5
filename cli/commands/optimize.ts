import { writeFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { formatUsd } from '@wheelhouse/core/records';
import { type RequestBody, WheelhouseApiError } from '@wheelhouse/sdk';
import {
  type Optimization,
  type OptimizationDefinition,
  type OptimizationRecord,
  type Optimized,
  openRecord,
  prepareOptimization,
} from '@wheelhouse/sdk/program';
import { publishCode } from '@wheelhouse/sdk/serve';
import type { Config } from '../config.ts';
import { type FoundServer, findServer } from '../eval/find-server.ts';
import { listenForStop, type Stopping } from '../eval/stopping.ts';
import { asJson, createEvents, resultOf } from '../optimize/events.ts';
import { loadOptimization, rowsBeside } from '../optimize/load-file.ts';
import { optimizationProgress } from '../optimize/progress.ts';
import { exitOf, optimizationReport } from '../optimize/report.ts';
import { createStateFile, keepEarlier, readStateFile, statePath } from '../optimize/state-file.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { cut, plain } from '../output/text.ts';

export type OptimizeOptions = {
  dollars?: number;
  calls?: number;
  minutes?: number;
  seed?: number;
  concurrency?: number;
  resume?: boolean;
  dryRun?: boolean;
  publish?: string;
  alias?: string;
  breaking?: boolean;
  out?: string;
  json?: boolean;
  jsonl?: boolean;
};
export type OptimizeDeps = { config: Config; terminal: Terminal };

/** What the command line says goes over what the file says. */
function overridden(definition: OptimizationDefinition, options: OptimizeOptions): OptimizationDefinition {
  const { dollars, calls, minutes, seed, concurrency } = options;
  const budget = {
    ...definition.budget,
    ...(dollars === undefined ? {} : { dollars }),
    ...(calls === undefined ? {} : { calls }),
    ...(minutes === undefined ? {} : { minutes }),
  };
  if (Object.values(budget).every((limit) => limit === undefined))
    throw new UsageError(
      'The budget has no limit.',
      'Say --calls, --dollars or --minutes, or in the file, such as budget: { calls: 1500 }',
    );
  return {
    ...definition,
    budget: budget as OptimizationDefinition['budget'],
    ...(seed === undefined ? {} : { seed }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

/** As the server is reached, also where it runs in here. */
const connectionOf = ({ url }: FoundServer, { adminKey, project }: Config) => ({
  ...{ baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) },
});

function budgetText({ budget: { calls, costNanoUsd, minutes } }: Optimization): string {
  const parts = [
    calls === undefined ? '' : `${calls.toLocaleString('en')} calls`,
    costNanoUsd === undefined ? '' : formatUsd(costNanoUsd),
    minutes === undefined ? '' : `${minutes} min`,
  ];
  return parts.filter(Boolean).join(', ');
}

function headline(optimization: Optimization): string {
  const { name, model, optimizer, counts: of } = optimization;
  const counts = [
    `${of.train} ${of.train === 1 ? 'row' : 'rows'} to train on`,
    ...(of.validation === 0 ? [] : [`${of.validation} to choose by`]),
    of.heldOut === 0 ? 'none held out, so nothing can be compared' : `${of.heldOut} held out`,
  ];
  const limit = budgetText(optimization);
  const said = [name, model, optimizer, counts.join(', '), ...(limit === '' ? [] : [`at most ${limit}`])];
  return `  ${said.join(' · ')}\n`;
}

/** Runs the program once, and says what the budget comes to at that rate. */
async function dryRun(
  optimization: Optimization,
  { json }: OptimizeOptions,
  { terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const { budget, concurrency } = optimization;
  const tried = await optimization.tryOne();
  const most: number[] = [];
  if (tried && budget.calls !== undefined && tried.calls > 0) most.push(budget.calls / tried.calls);
  if (tried?.costNanoUsd && budget.costNanoUsd !== undefined)
    most.push(Number(budget.costNanoUsd) / Number(tried.costNanoUsd));
  if (tried && budget.minutes !== undefined) most.push((budget.minutes * 60 * concurrency) / tried.seconds);
  const runs = most.length === 0 ? null : Math.floor(Math.min(...most));
  const seconds = runs === null || !tried ? null : (runs * tried.seconds) / concurrency;
  const cost = runs === null || !tried || tried.costNanoUsd === null ? null : tried.costNanoUsd * BigInt(runs);
  if (json) terminal.out(`${asJson({ one: tried, budget, runs, seconds, costNanoUsd: cost })}\n`);
  else if (tried === null) terminal.out('  There is no row to train on.\n');
  else {
    const { calls, costNanoUsd, seconds: took, error, output, score, feedback } = tried;
    const shown = (name: string, text: string) => `  ${name.padEnd(10)}${cut(plain(text), 68)}\n`;
    terminal.out(
      shown('one run', `${calls} ${calls === 1 ? 'call' : 'calls'}, ${formatUsd(costNanoUsd)}, ${took.toFixed(2)} s`),
    );
    if (output !== null) terminal.out(shown('it gave', asJson(output)));
    if (score !== null) terminal.out(shown('score', `${(score * 100).toFixed(1)} %${feedback ? `: ${feedback}` : ''}`));
    if (error !== null) terminal.out(shown('', `${terminal.outStyle.red('✕')} ${error}`));
    if (runs !== null)
      terminal.out(
        `  at most   about ${runs.toLocaleString('en')} runs  ${formatUsd(cost)}  ${((seconds ?? 0) / 60).toFixed(1)} min at ${concurrency} at a time\n`,
      );
  }
  return tried === null || tried.error !== null ? exitCodes.failed : exitCodes.done;
}

/** Refuses before anything is spent what could not be done in the end. */
function checkEnds(optimization: Optimization, { publish, alias, breaking }: OptimizeOptions): void {
  if (alias !== undefined && publish === undefined)
    throw new UsageError('--alias goes with --publish.', 'For example --publish triage --alias staging');
  if (breaking && alias === undefined)
    throw new UsageError('--breaking is about the callers of an alias.', 'For example --alias staging --breaking');
  if (publish !== undefined && !optimization.isPublishable)
    throw new UsageError(
      'The program holds code, so the server cannot run it.',
      'Keep what was found with --out candidate.json, and load it with withCandidate(program, candidate).',
    );
}

const unpublished = ({ report }: Optimized): string =>
  report.verdict === 'gain' ? 'what was found holds code, so the server cannot run it' : 'it is not known to be better';

/** The version that the result is; null: nothing was found that is better. */
async function published(
  { definition, madeFrom, report }: Optimized,
  { publish: name, alias, breaking = false }: OptimizeOptions,
  { server: { client }, record }: Session & { record: OptimizationRecord | null },
): Promise<{ model: string; version: number; alias: string | null } | null> {
  if (name === undefined || definition === null || report.verdict !== 'gain') return null;
  if (record) {
    const body = { name, alias: alias ?? null, breaking };
    const params = { optimizationId: record.id };
    const { published: made, heldBack } = await client.call('publishOptimization', { params, body });
    if (heldBack) throw new WheelhouseApiError(409, heldBack.code, heldBack.message, heldBack.hint);
    return { model: made.name, version: made.version, alias: made.alias };
  }
  const version = { definition, madeFrom, message: report.sentence.slice(0, 1000) } as RequestBody<'createVersion'>;
  const { number } = await publishCode(name, version, { client });
  if (alias !== undefined)
    await client.call('moveAlias', { params: { name, alias }, body: { version: number, breaking } });
  return { model: name, version: number, alias: alias ?? null };
}

type Session = {
  optimization: Optimization;
  server: FoundServer;
  options: OptimizeOptions;
  stop: Stopping;
  /** Of the definition. */
  path: string;
  state: { path: string; name: string };
  again: string;
  /** Ends the search. */
  over: AbortController;
} & OptimizeDeps;

/** What a search came to, and the record of it that the server has now. */
type Searched = {
  optimized: Optimized;
  record: OptimizationRecord | null;
  /** The best score on the rows that candidates are chosen by; null: none was scored. */
  best: number | null;
};

const linkTo = ({ url }: FoundServer, { id }: OptimizationRecord) => `${url}/experiments/optimizations/${id}`;

async function search(session: Session): Promise<Searched> {
  const { optimization, options, state, terminal, stop, server } = session;
  const before = options.resume ? await readStateFile(state.path) : null;
  if (options.resume && before === null)
    throw new UsageError(`There is no ${state.name} to go on from.`, 'Leave --resume out to begin.');
  const record = await openRecord(optimization.setup(basename(session.path)), {
    ...{ client: server.client, resume: before?.record },
    onStop() {
      terminal.err('\n  stopped by somebody on its page\n');
      session.over.abort(new Error('It was stopped.'));
    },
  });
  const earlier = options.resume ? null : await keepEarlier(state.path);
  if (earlier !== null)
    terminal.err(`  it begins anew; what was asked before is kept in ${relative(session.config.cwd, earlier)}\n`);
  const file = createStateFile(state.path, record ? { record: record.id } : {});
  const progress = optimizationProgress(terminal, optimization.budget, () => performance.now());
  const events = options.jsonl ? createEvents(terminal.out) : null;
  terminal.err(headline(optimization));
  if (record === null) terminal.err('  the server keeps no record of it\n');
  else if (!server.isOwn) terminal.err(`  ${linkTo(server, record)}\n`);
  try {
    const optimized = await optimization.run({
      ...(before === null ? {} : { state: before }),
      async onEvent(event, now) {
        await file.keep(now);
        record?.see(event);
        events?.see(event);
        if (!stop.isStopping()) progress.see(event);
      },
    });
    const isKept = (await record?.end({ optimized })) ?? false;
    return { optimized, record: isKept ? record : null, best: progress.best() };
  } catch (error) {
    await record?.end({ error });
    throw error;
  } finally {
    progress.end();
    await file.close();
  }
}

function nextStep({ optimized, best }: Searched, { optimization, again, options, server }: Session): string {
  const { verdict, stopped } = optimized.report;
  if (stopped.reason === 'called_off') return `go on with  ${again} --resume`;
  if (stopped.reason === 'failing') return `mend what failed, then  ${again} --resume`;
  if (stopped.reason === 'price_unknown') return 'wheelhouse prices set, or limit calls or minutes in place of dollars';
  // Then rows or metric are more likely wrong than the program.
  if (verdict !== 'gain' && best === 0) return `nothing scored at all; look at one run with  ${again} --dry-run`;
  if (verdict !== 'gain' && stopped.reason === 'budget') return 'go on with a larger budget and --resume';
  if (verdict !== 'gain') return 'more rows, another optimizer, or a metric that says more (feedback)';
  if (options.publish !== undefined)
    return server.isOwn ? 'wheelhouse start, to see and call it' : `wheelhouse model show ${options.publish}`;
  return optimization.isPublishable
    ? `${again} --resume --publish <name> --alias staging`
    : `${again} --resume --out candidate.json`;
}

async function finish(searched: Searched, session: Session): Promise<ExitCode> {
  const { options, terminal, config } = session;
  const { optimized, record } = searched;
  if (options.out !== undefined)
    await writeFile(resolve(config.cwd, options.out), `${JSON.stringify(optimized.candidate, null, 2)}\n`);
  const version = await published(optimized, options, { ...session, record });
  const result = { ...resultOf(optimized), published: version };
  if (options.json) terminal.out(`${asJson(result)}\n`);
  else if (options.jsonl) createEvents(terminal.out).end(result);
  else terminal.out(optimizationReport({ optimized, next: nextStep(searched, session) }, terminal.outStyle));
  const { green, yellow } = terminal.errStyle;
  if (version) {
    const moved = version.alias === null ? '' : `, ${version.alias} leads to it`;
    terminal.err(`${green('✓')} ${version.model}@${version.version} is published${moved}\n`);
  } else if (options.publish !== undefined)
    terminal.err(`${yellow('■')} nothing is published: ${unpublished(optimized)}\n`);
  if (optimized.report.stopped.reason === 'called_off')
    terminal.err(`${yellow('■')} stopped; what was asked is kept in ${session.state.name}\n`);
  return exitOf(optimized.report);
}

/** `wheelhouse optimize`: searches for a better candidate of a program where its code is, and compares it on rows held out. */
export async function optimize(word: string, options: OptimizeOptions, deps: OptimizeDeps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const { path, definition } = await loadOptimization(word, config.cwd);
  const server = await findServer(deps);
  const over = new AbortController();
  const stop = listenForStop(() => {
    terminal.err('\n  stopping\n');
    over.abort(new Error('It was called off.'));
  });
  try {
    const optimization = await prepareOptimization(overridden(definition, options), {
      ...{ ...connectionOf(server, config), signal: over.signal, readFile: rowsBeside(path) },
    });
    checkEnds(optimization, options);
    if (options.dryRun) {
      terminal.err(headline(optimization));
      return await dryRun(optimization, options, deps);
    }
    const state = { path: statePath(path), name: relative(config.cwd, statePath(path)) };
    const session = {
      ...deps,
      optimization,
      server,
      options,
      stop,
      over,
      path,
      state,
      again: `wheelhouse optimize ${word}`,
    };
    return await finish(await search(session), session);
  } catch (error) {
    // Whatever was cut off by it.
    if (stop.isStopping()) return exitCodes.stopped;
    throw error;
  } finally {
    stop.close();
    await server.close();
  }
}
