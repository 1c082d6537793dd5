import { requireNode } from './require-node.mjs';

requireNode();
const { buildStale } = await import('./build.mjs');
if (await buildStale()) {
  const { main } = await import('../cli/dist/bundle/main.js');
  await main(['start', ...process.argv.slice(2)]);
} else {
  process.exitCode = 1;
}
