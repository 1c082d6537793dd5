import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Sources stand beside it, what is built of them some folders deeper. */
function packageFile(folder = import.meta.dirname): string {
  const file = join(folder, 'package.json');
  return existsSync(file) ? file : packageFile(dirname(folder));
}

/** All packages of Wheelhouse carry one version number. */
export const readVersion = (): string =>
  (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version;
