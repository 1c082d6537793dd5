import { readFileSync } from 'node:fs';
import { contentHash } from '@wheelhouse/core/records';
import type { EvaluateOptions } from '@wheelhouse/sdk/eval';
import { findTargets } from '../eval/find-files.ts';
import { findServer } from '../eval/find-server.ts';
import { loadFile } from '../eval/load-file.ts';
import { listenForStop } from '../eval/stopping.ts';
import { listenForKeys } from '../listen-for-keys.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { printError } from '../output/print-error.ts';
import { watchFiles } from '../watch-files.ts';
import { type EvalDeps, type EvalOptions, overridden, print, runOne } from './eval.ts';
import { compareStored } from './eval-stored.ts';

type Memory = NonNullable<EvaluateOptions['memory']>;

/** Functions are what they were as long as their file and what it imports is. */
const identityOf = (files: readonly string[]): string => contentHash(files.map((file) => readFileSync(file, 'utf8')));

/**
 * `wheelhouse eval --watch`: again after each change of a file. Models that did not change give the answers that they gave,
 * functions too as long as no file of theirs changed.
 */
export async function watchEvaluations(words: string[], options: EvalOptions, deps: EvalDeps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const [target, ...others] = await findTargets(words, config.cwd);
  if (target?.kind !== 'file' || others.length > 0)
    throw new UsageError(
      '--watch looks at one file of evaluations.',
      'Name it: wheelhouse eval support.eval.ts --watch',
    );
  const server = await findServer(deps);
  const stop = listenForStop(() => wake('q'));
  const answers: Memory['answers'] = new Map();
  let rollout = `watch ${contentHash([target.path, process.pid, performance.timeOrigin]).slice(0, 12)}`;
  const seen: string[] = [];
  let wake: (why: string) => void = () => {};
  let pending: string | null = null;
  const next = () =>
    new Promise<string>((resolve) => {
      wake = resolve;
      if (pending !== null) resolve(pending);
      pending = null;
    });
  const hear = (why: string) => {
    pending = why;
    wake(why);
  };
  const letGo = listenForKeys((key) => hear(key === '\u0003' ? 'q' : key));

  async function once(): Promise<string[]> {
    const { definitions, files } = await loadFile(target?.kind === 'file' ? target.path : '');
    const identity = identityOf(files);
    const memory: Memory = { identityOf: (label) => `${rollout} ${label} ${identity}`, answers };
    const session = { ...deps, server, options, stop };
    for (const definition of definitions) {
      const plan = {
        definition: overridden({ rollout, ...definition }, options),
        again: `wheelhouse eval ${target?.name}`,
      };
      const done = await runOne(plan, session, memory);
      if (!done) continue;
      print([done], session);
      if (done.evaluation.status === 'completed') seen.push(...done.evaluation.runs.slice(-1).map(({ id }) => id));
    }
    return files;
  }

  async function compareWithLast(): Promise<void> {
    const two = seen.slice(-2);
    if (two.length < 2) terminal.err('  There is nothing before this to compare it with.\n');
    else await compareStored(two, { gate: [] }, { config: { ...config, url: server.url }, terminal });
  }

  let files = [target.path];
  try {
    for (let why = 'a'; why !== 'q'; ) {
      if (why === 'a' && seen.length > 0) rollout = `${rollout}+`;
      try {
        if (why === 'c') await compareWithLast();
        else files = await once();
      } catch (error) {
        printError(error, terminal);
      }
      terminal.err(
        `  watching ${files.length} ${files.length === 1 ? 'file' : 'files'} · a all again · c compare with the last · q quit\n`,
      );
      pending = null;
      const watcher = watchFiles(files, () => hear('change'));
      do why = await next();
      while (!['a', 'c', 'q', 'change'].includes(why));
      watcher.close();
    }
    return exitCodes.done;
  } finally {
    letGo();
    stop.close();
    await server.close();
  }
}
