#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/bundle/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `✕ Wheelhouse needs Node 20.19 or newer; this is ${process.versions.node}.\n  See https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else if (!existsSync(main)) {
  process.stderr.write('✕ Wheelhouse is not built.\n  Run: npm run build\n');
  process.exitCode = 1;
} else {
  // Node ends when nothing is under way, with 13 where somebody still waits; other codes are of who ended it.
  const sayUnsettled = () => {
    if (process.exitCode !== undefined && process.exitCode !== 13) return;
    process.stderr.write(
      '✕ A function of yours neither answers nor fails, and nothing else is under way.\n  Give what it waits for a time limit.\n',
    );
    process.exitCode = 1;
  };
  process.once('exit', sayUnsettled);
  await (await import(main.href)).main(process.argv.slice(2));
  process.off('exit', sayUnsettled);
}
