import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the built pages are; null: they are not built. */
export function findWebRoot(): string | null {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@wheelhouse/web/package.json'))), 'dist', 'app');
  return existsSync(folder) ? folder : null;
}
