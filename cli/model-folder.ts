import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  filesOfPackage,
  type ModelPackage,
  type PackageFile,
  packageManifest,
  readPackage,
} from '@wheelhouse/core/model';
import { WheelhouseError } from '@wheelhouse/core/records';
import { UsageError } from './output/exit-codes.ts';

const textOf = (path: string) =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });

/** @throws UsageError where it is no folder that was exported, or not as it was */
export async function readModelFolder(folder: string): Promise<ModelPackage> {
  const manifest = await textOf(join(folder, packageManifest));
  if (manifest === null)
    throw new UsageError(
      `${folder} is no exported model: it has no ${packageManifest}.`,
      'Make one with: wheelhouse model export <model> <folder>',
    );
  try {
    const files: PackageFile[] = [];
    for (const path of filesOfPackage(manifest)) {
      // A manifest that somebody else wrote reads nothing outside its folder.
      if (!/^[\w.@%-]+(?:\/[\w.@%-]+)*$/.test(path) || path.split('/').includes('..'))
        throw new UsageError(
          `${packageManifest} names \`${path}\`, which is no file of the folder.`,
          'Export it again.',
        );
      const text = await textOf(join(folder, path));
      if (text !== null) files.push({ path, text });
    }
    return readPackage(files);
  } catch (error) {
    if (error instanceof WheelhouseError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}

/** @throws UsageError where something else is in the folder */
export async function writeModelFolder(folder: string, files: readonly PackageFile[], force: boolean): Promise<void> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (there.length > 0 && !force)
    throw new UsageError(`${folder} is not empty.`, 'Take another folder, or write over what is there: --force');
  for (const { path, text } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
