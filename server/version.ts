import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compiled files stand one folder deeper than the sources. */
function packageFile(): string {
  const here = import.meta.dirname;
  return join(here.endsWith('dist') ? join(here, '..') : here, 'package.json');
}

/** All packages of Wheelhouse carry one version number. */
export const readVersion = (): string =>
  (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version;
