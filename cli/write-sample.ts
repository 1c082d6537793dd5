import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { type ExitCode, exitCodes, UsageError } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

export type SampleFile = { file: string; text: string };

/** Writes files to begin with; nothing is overwritten. @throws UsageError */
export async function writeSample(
  { name, verb, files }: { name: string; verb: string; files: SampleFile[] },
  { config, terminal }: { config: Config; terminal: Terminal },
): Promise<ExitCode> {
  if (!/^[a-z][a-z0-9-]{0,60}$/.test(name))
    throw new UsageError(`"${name}" is no name for a file.`, 'It takes a-z, 0-9 and -, and begins with a letter.');
  const there = files.find(({ file }) => existsSync(join(config.cwd, file)));
  if (there) throw new UsageError(`${there.file} is there already.`, `Name another: wheelhouse ${verb} new <name>`);
  for (const { file, text } of files) {
    await writeFile(join(config.cwd, file), text);
    terminal.out(`  wrote ${file}\n`);
  }
  terminal.out(`  next  wheelhouse ${verb} ${files[0]?.file}\n`);
  return exitCodes.done;
}
