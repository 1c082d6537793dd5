import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends the process with a clear sentence where Node is too old or the packages are not installed. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `✕ Wheelhouse needs Node 20.19 or newer; this is ${process.versions.node}.\n  See https://nodejs.org\n`,
    );
    process.exit(2);
  }
  if (!existsSync(`${root}node_modules/.package-lock.json`)) {
    process.stderr.write('✕ The packages are not installed.\n  Run: npm ci\n');
    process.exit(2);
  }
}
