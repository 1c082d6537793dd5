import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { root } from './require-node.mjs';

/** Where `exports` of a package point into its bundle, as entries: `contract/paths`, `records/index`. */
function doorsOf(workspace) {
  const { exports } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
  return Object.values(exports ?? {}).flatMap(({ default: path }) => {
    const [, before, after] = /^\.\/dist\/bundle\/([^*]*)(?:\*(.*))?\.js$/.exec(path ?? '') ?? [];
    if (before === undefined) return [];
    if (after === undefined) return [before];
    const folders = readdirSync(join(root, workspace, before), { withFileTypes: true });
    const compiled = new Set(readdirSync(join(root, workspace, 'dist'), { recursive: true }));
    return folders.map(({ name }) => before + name + after).filter((door) => compiled.has(`${door}.js`));
  });
}

/** What else is started by its file, which stands beside the chunks: they find each other as `./name.js`. */
const started = {
  core: {},
  server: {
    'recording-process': 'recording-process',
    child: 'stores/embedded/child',
    worker: 'tools/sandbox/worker',
  },
  cli: { main: 'main' },
};

/** `gateway`, `stores/postgres`: a file for each room, so that a stack trace says where it was. Core's doors are its rooms. */
const rooms = {
  debugName: 'rooms',
  name: (id) => /\/server\/dist\/((?:stores\/)?[\w-]+)\//.exec(id)?.[1].replace('/', '-') ?? null,
  // What a process beside the server needs of a room comes without the rest of it.
  entriesAware: true,
  includeDependenciesRecursively: false,
};

/**
 * Puts the compiled modules of a workspace into few files, `dist/bundle`; other packages stay outside. Node spends most of a
 * start on the number of its modules.
 */
async function bundle(workspace) {
  const dist = join(root, workspace, 'dist');
  const entries = { ...Object.fromEntries(doorsOf(workspace).map((door) => [door, door])), ...started[workspace] };
  rmSync(join(dist, 'bundle'), { recursive: true, force: true });
  await build({
    root: join(root, workspace),
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    ssr: { external: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: join(dist, 'bundle'),
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(dist, `${path}.js`)])),
        external: (id) => !/^[./]/.test(id),
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: ({ name }) => `${name.split('~')[0]}.js`,
          codeSplitting: { groups: [rooms] },
        },
      },
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const workspace of Object.keys(started)) await bundle(workspace);
