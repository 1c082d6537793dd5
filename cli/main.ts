import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { DoctorOptions } from './commands/doctor.ts';
import type { SimOptions } from './commands/sim.ts';
import type { StartOptions } from './commands/start.ts';
import { type Config, readConfig } from './config.ts';
import { declareAbuse } from './declare-abuse.ts';
import { declareAccess } from './declare-access.ts';
import { declareConfig } from './declare-config.ts';
import { declareControl } from './declare-control.ts';
import { declareDashboard } from './declare-dashboard.ts';
import { declareDataset } from './declare-dataset.ts';
import { declareEval } from './declare-eval.ts';
import { declareImport } from './declare-import.ts';
import { declareIngest } from './declare-ingest.ts';
import { declareIssue } from './declare-issue.ts';
import { declareModels } from './declare-models.ts';
import { declareMonitor } from './declare-monitor.ts';
import { declareOnline } from './declare-online.ts';
import { declareOptimize } from './declare-optimize.ts';
import { declarePipeline } from './declare-pipeline.ts';
import { declarePrices } from './declare-prices.ts';
import { declareProviders } from './declare-providers.ts';
import { declareRelease } from './declare-release.ts';
import { declareReview } from './declare-review.ts';
import { declareTrace } from './declare-trace.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './output/exit-codes.ts';
import { printError } from './output/print-error.ts';
import { openTerminal, type Terminal } from './output/terminal.ts';
import { packageFolder } from './package-folder.ts';

type Deps = { config: Config; terminal: Terminal };

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.');
  return value;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return text;
}

/** Commands load only when they run, so that `--version` and `--help` answer at once. */
function createProgram(deps: Deps, finish: (code: ExitCode) => void): Command {
  const program = new Command('wheelhouse')
    .description('The whole life of an LLM application in one place.')
    .version(version(), '-V, --version')
    .enablePositionalOptions()
    .configureOutput({
      writeOut: deps.terminal.out,
      writeErr: deps.terminal.err,
      outputError: (text, write) => write(text.replace(/^error:/, deps.terminal.errStyle.red('✕'))),
    })
    .addHelpText(
      'after',
      '\nEnvironment:\n  WHEELHOUSE_URL        the server that commands talk to (default: http://127.0.0.1:4400)\n  WHEELHOUSE_ADMIN_KEY  its admin key, where it has one',
    )
    .exitOverride();
  program
    .command('start')
    .description('Run the gateway, the API and the UI')
    .option('--port <number>', 'port to listen on; 0 takes any free one (default: 4400)', port)
    .option('--dir <folder>', 'where the data is kept (default: .wheelhouse)')
    .option(
      '--host <address>',
      'address to listen on; anything but loopback needs WHEELHOUSE_ADMIN_KEY (default: 127.0.0.1)',
    )
    .action(async (options: StartOptions) => finish(await (await import('./commands/start.ts')).start(options, deps)));
  program
    .command('sim')
    .description('Run the simulated model alone, behind an OpenAI-compatible address')
    .option('--port <number>', 'port to listen on; 0 takes any free one', port, 4401)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .action(async (options: SimOptions) => finish(await (await import('./commands/sim.ts')).sim(options, deps)));
  declareEval(program, deps, finish);
  declareOptimize(program, deps, finish);
  declarePipeline(program, deps, finish);
  declareDataset(program, deps, finish);
  declareReview(program, deps, finish);
  declareOnline(program, deps, finish);
  declareRelease(program, deps, finish);
  declareMonitor(program, deps, finish);
  declareDashboard(program, deps, finish);
  declareIssue(program, deps, finish);
  declareAbuse(program, deps, finish);
  declareImport(program, deps, finish);
  declareModels(program, deps, finish);
  declareConfig(program, deps, finish);
  declareTrace(program, deps, finish);
  declarePrices(program, deps, finish);
  declareProviders(program, deps, finish);
  declareAccess(program, deps, finish);
  declareControl(program, deps, finish);
  declareIngest(program, deps, finish);
  program
    .command('doctor')
    .description('Find out what is wrong between an app and its traces, from the outside in')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nOne call goes to sim/echo, and its trace stays.\nExit codes: 0 all good, or only ▲ · 4 something is wrong',
    )
    .action(async (options: DoctorOptions) =>
      finish(await (await import('./commands/doctor.ts')).doctor(options, { ...deps, version: version() })),
    );
  return program;
}

/** Runs one command and sets the exit code of the process. */
export async function main(args: string[]): Promise<void> {
  const config = readConfig();
  const deps: Deps = { config, terminal: openTerminal(config) };
  const finish = (code: ExitCode) => {
    process.exitCode = code;
  };
  try {
    await createProgram(deps, finish).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return finish(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
    printError(error, deps.terminal);
    finish(exitCodeOf(error));
  }
}
