import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package; sources stand in it, what is built of them some folders deeper. */
export function packageFolder(from = import.meta.dirname): string {
  return existsSync(join(from, 'package.json')) ? from : packageFolder(dirname(from));
}
