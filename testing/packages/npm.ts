import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../e2e/start-wheelhouse.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** The environment of a user elsewhere: without this repository's own commands on the path. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return cleanEnvironment({ PATH: path.join(delimiter) });
}

/** Runs a program to its end and gives what it printed; rejects with what it printed to stderr when it fails. */
export async function runProgram(program: string, args: string[], cwd: string): Promise<string> {
  return (await run(program, args, { cwd, env: userEnvironment(), maxBuffer: 1 << 26 })).stdout;
}

export type Tarball = { name: string; workspace: string; file: string; size: number; paths: string[] };

/** Packs the workspaces as they are built, as a publisher would. */
export async function packWorkspaces(workspaces: string[], folder: string): Promise<Tarball[]> {
  await mkdir(folder, { recursive: true });
  const flags = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const text = await runProgram('npm', ['pack', ...flags, ...workspaces.flatMap((name) => ['-w', name])], root);
  type Packed = { name: string; filename: string; size: number; files: { path: string }[] };
  const packed = Object.values(JSON.parse(text) as Record<string, Packed>);
  return packed.map(({ name, filename, size, files }) => ({
    name,
    workspace: join(root, name.replace('@wheelhouse/', '')),
    file: join(folder, filename.replace('@', '').replace('/', '-')),
    size,
    paths: files.map(({ path }) => path).sort(),
  }));
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

export type Installed = { packages: string[]; bytes: number };

/** Installs the tarballs together in a folder of their own; what npm has in its cache is not asked of the registry again. */
export async function installTogether(tarballs: Tarball[], folder: string): Promise<Installed> {
  await mkdir(folder);
  const flags = ['--prefix', '.', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await runProgram('npm', ['install', ...flags, ...tarballs.map(({ file }) => file)], folder);
  const modules = join(folder, 'node_modules');
  const lock = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
  const packages = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ''));
  return { packages: packages.sort(), bytes: await bytesIn(modules) };
}
