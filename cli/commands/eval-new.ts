import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleFiles } from '../eval/sample.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { EvalDeps } from './eval.ts';

/** `wheelhouse eval new`: a file of an evaluation that works as it is, with rows beside it; nothing is overwritten. */
export async function newEvaluation(name: string, { config, terminal }: EvalDeps): Promise<ExitCode> {
  if (!/^[a-z][a-z0-9-]{0,60}$/.test(name))
    throw new UsageError(
      `"${name}" is no name of an evaluation.`,
      'It takes a-z, 0-9 and -, and begins with a letter.',
    );
  const files = sampleFiles(name);
  const there = files.find(({ file }) => existsSync(join(config.cwd, file)));
  if (there) throw new UsageError(`${there.file} is there already.`, 'Name another: wheelhouse eval new <name>');
  for (const { file, text } of files) {
    await writeFile(join(config.cwd, file), text);
    terminal.out(`  wrote ${file}\n`);
  }
  terminal.out(`  next  wheelhouse eval ${files[0]?.file}\n`);
  return exitCodes.done;
}
