import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './output/exit-codes.ts';

const doors = ['@wheelhouse/sdk/eval', '@wheelhouse/sdk/program'];

/**
 * What a file of somebody's own exports. It needs no installation: the packages that it is written with are those of this
 * command.
 * @throws UsageError
 */
export async function loadExport(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const alias = Object.fromEntries(doors.map((door) => [door, fileURLToPath(import.meta.resolve(door))]));
  // It is read again after a change, so nothing of it is remembered.
  const jiti = createJiti(pathToFileURL(path).href, { moduleCache: false, alias });
  const module = await jiti.import<{ default?: unknown }>(path).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${basename(path)} cannot be loaded: ${said}`, '');
  });
  return module.default ?? module;
}
