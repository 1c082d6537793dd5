import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const output = /^(.+)\.(?:js|js\.map|d\.ts|d\.ts\.map)$/;

/** Removes what the compiler made of sources that are gone; it never does so itself, and packages would carry it. */
export function removeOrphans(workspace) {
  const dist = join(workspace, 'dist');
  for (const path of readdirSync(dist, { recursive: true })) {
    if (path.startsWith('bundle/')) continue;
    const made = output.exec(path)?.[1];
    if (made !== undefined && !existsSync(join(workspace, `${made}.ts`))) rmSync(join(dist, path));
  }
}
