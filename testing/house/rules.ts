import { findCycles } from './find-cycles.ts';
import type { Import, Mark, SourceFile } from './parse-source.ts';

/** A rule gives one sentence for each place that breaks it. */
export type Rule = { name: string; violations(files: SourceFile[]): string[] };

const workspaceOf = (path: string) => path.split('/', 1)[0] ?? '';
const isUnder = (path: string, folders: string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** `core/records`, `server/stores`; null for a file that stands at the top of its workspace. */
function roomOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? parts.slice(0, 2).join('/') : null;
}

type Allowed = (file: SourceFile, found: Import) => boolean;

/** A rule about single imports inside the repository, in files that are not tests. */
function importRule(name: string, allowed: Allowed): Rule {
  return {
    name,
    violations: (files) =>
      files
        .filter(({ isTest }) => !isTest)
        .flatMap((file) =>
          file.imports
            .filter((found) => !found.external && !allowed(file, found))
            .map(({ to }) => `${file.path} imports ${to}`),
        ),
  };
}

/** What a workspace may import besides itself. Tests may import `testing` as well, and `testing` whatever it proves. */
const workspaces: Record<string, string[]> = {
  core: [],
  sdk: ['core'],
  server: ['core'],
  cli: ['core', 'sdk', 'server/main.ts', 'server/serve-model.ts', 'server/sim-server.ts'],
  web: ['core', 'sdk'],
  testing: ['core', 'sdk', 'server', 'cli', 'scripts'],
  scripts: ['cli/dist'],
};

const workspaceEdges: Rule = {
  name: 'a workspace imports only those below it',
  violations: (files) =>
    files.flatMap(({ path, isTest, imports }) => {
      const own = workspaceOf(path);
      const allowed = [own, ...(workspaces[own] ?? []), ...(isTest ? ['testing'] : [])];
      return imports
        .filter(({ to, external }) => !external && !isUnder(to, allowed))
        .map(({ to }) => `${path} imports ${to}`);
    }),
};

/** Doors of the contract that carry no schema library. */
const plainContract = ['core/contract/paths.ts', 'core/contract/permissions.ts'];

const contractAsTypes = importRule(
  'web and sdk take the contract as types, and its paths and permissions, which are plain data',
  (file, { to, typeOnly }) => {
    const bound = ['web', 'sdk'].includes(workspaceOf(file.path)) && to.startsWith('core/contract/');
    return !bound || typeOnly || plainContract.includes(to);
  },
);

const bottom = ['records', 'stats'];
const ports = [...bottom, 'ports'];
const middle = ['trace', 'query', 'program', 'constrain', 'guard', 'sim'];
const upToModel = [...ports, ...middle, 'model'];

/** What each room of core sees. Rooms that are not here may not exist. */
const coreRooms: Record<string, string[]> = {
  records: [],
  stats: ['records'],
  ports: bottom,
  ...Object.fromEntries(middle.map((room) => [room, ports])),
  model: [...ports, ...middle],
  dialect: [...ports, 'trace'],
  text: ['records'],
  dataset: [...ports, 'text'],
  eval: [...upToModel, 'text'],
  optimize: [...upToModel, 'eval'],
  route: bottom,
  watch: bottom,
  contract: [...bottom, 'model'],
};

const coreLadder = importRule('a room of core sees only the rooms below it', (file, { to }) => {
  if (workspaceOf(file.path) !== 'core' || workspaceOf(to) !== 'core') return true;
  const [own = '', seen = ''] = [file.path.split('/')[1], to.split('/')[1]];
  return own === seen || (coreRooms[own]?.includes(seen) ?? false);
});

const adapters = ['server/providers', 'server/stores', 'server/tools'];
const coreForAdapters = ['core/records', 'core/ports', 'core/sim', 'core/query'];
/** Files at the top of the server that anyone in it may read. */
const serverTypes = ['server/config.ts'];
const wiring = /^server\/[\w-]+\.ts$/;

const serverLadder = importRule(
  'in the server: main, then http, then features, then core; adapters see only ports',
  (file, { to }) => {
    const { path } = file;
    if (workspaceOf(path) !== 'server' || wiring.test(path)) return true;
    const own = roomOf(path);
    if (own !== null && isUnder(to, [own])) return true;
    if (isUnder(path, adapters)) return isUnder(to, coreForAdapters) || serverTypes.includes(to);
    if (workspaceOf(to) === 'core') return true;
    const feature = roomOf(to);
    return own === 'server/http' && feature !== null && !isUnder(to, adapters);
  },
);

const doors: Rule = {
  name: 'a room that has a door, index.ts, is entered by it',
  violations(files) {
    const existing = new Set(files.map(({ path }) => path));
    const innermostDoor = (path: string) => {
      const parts = path.split('/').slice(0, -1);
      const folders = parts.map((_, end) => parts.slice(0, end + 1).join('/')).filter((folder) => folder.includes('/'));
      return folders.findLast((folder) => existing.has(`${folder}/index.ts`)) ?? null;
    };
    return importRule('', (file, { to }) => {
      const door = innermostDoor(to);
      const open =
        plainContract.includes(to) || workspaceOf(file.path) === 'testing' || file.path.startsWith('scripts/');
      return door === null || open || to === `${door}/index.ts` || isUnder(file.path, [door]);
    }).violations(files);
  },
};

const testingForTests = importRule(
  'testing is imported by tests only',
  ({ path }, { to }) => workspaceOf(path) === 'testing' || workspaceOf(to) !== 'testing',
);

/** Packages that belong to one place; `tests` stands for test files and `testing`. */
const homes: { packages: RegExp; only: string[] }[] = [
  { packages: /^(?:hono|@hono\/.+)$/, only: ['server/http'] },
  {
    packages:
      /^(?:react|react-dom|@base-ui\/.+|@tanstack\/.+|@fontsource-variable\/.+|tailwindcss|@tailwindcss\/.+|cmdk|lucide-react|tinykeys|marked)$/,
    only: ['web'],
  },
  { packages: /^(?:pg|kysely|chdb|@clickhouse\/.+|@electric-sql\/.+)$/, only: ['server/stores', 'testing'] },
  { packages: /^protobufjs$/, only: ['server/ingest'] },
  { packages: /^undici$/, only: ['server/providers', 'testing'] },
  { packages: /^commander$/, only: ['cli'] },
  {
    packages: /^(?:vitest|fast-check|openai|playwright-core|@axe-core\/.+|@opentelemetry\/.+)$/,
    only: ['tests', 'scripts'],
  },
];

const packageHomes: Rule = {
  name: 'a package that belongs to one place is used only there',
  violations: (files) =>
    files.flatMap(({ path, isTest, imports }) =>
      imports
        .filter(({ to, external }) => {
          const home = external ? homes.find(({ packages }) => packages.test(to)) : undefined;
          if (!home || isUnder(path, home.only)) return false;
          return !(home.only.includes('tests') && (isTest || workspaceOf(path) === 'testing'));
        })
        .map(({ to }) => `${path} imports ${to}`),
    ),
};

/** Browser-safe packages; everything else, Node's own modules too, stays out of core. sdk speaks fetch alone. */
const allowedPackages: Record<string, string[]> = {
  core: [
    'zod',
    '@huggingface/jinja',
    'jsonrepair',
    'partial-json',
    'pure-rand',
    '@eslint-community/regexpp',
    '@noble/hashes',
    'yaml',
  ],
  sdk: [],
};

/** Rooms of these workspaces that run in Node alone, and say so in the name of their entry. */
const nodeRooms = ['sdk/trace'];

const purePackages: Rule = {
  name: 'core and sdk use only browser-safe packages',
  violations: (files) =>
    files.flatMap(({ path, isTest, imports }) => {
      const allowed = allowedPackages[workspaceOf(path)];
      if (!allowed || isTest) return [];
      const inNode = isUnder(path, nodeRooms);
      return imports
        .filter(({ to, external }) => external && !allowed.includes(to) && !(inNode && to.startsWith('node:')))
        .map(({ to }) => `${path} imports ${to}`);
    }),
};

/** A rule about what may stand where, in files that are not tests. */
function markRule(name: string, kind: Mark['kind'], allowed: (path: string) => boolean): Rule {
  return {
    name,
    violations: (files) =>
      files
        .filter(({ path, isTest }) => !isTest && !allowed(path))
        .flatMap(({ path, marks }) =>
          marks.filter((mark) => mark.kind === kind).map(({ line, text }) => `${path}:${line} has ${text}`),
        ),
  };
}

const environment = markRule(
  'the environment is read in one config file per workspace',
  'environment',
  (path) => /^(?:testing|scripts)\//.test(path) || /^\w+\/config\.ts$/.test(path) || path === 'cli/bin/wheelhouse.mjs',
);
const pureCore = markRule(
  'core has no clock and no randomness of its own',
  'clock or randomness',
  (path) => workspaceOf(path) !== 'core',
);
const sqlInStores = markRule(
  'SQL stands only in server/stores',
  'SQL',
  (path) => workspaceOf(path) !== 'server' || path.startsWith('server/stores/'),
);

const begin = 'server/stores/postgres/in-transaction.ts';
const transactionHome = markRule(
  'a transaction begins only in inTransaction, which limits it',
  'transaction',
  (path) => workspaceOf(path) !== 'server' || path === begin,
);
/** The embedded database has one transaction at a time: one that waits for another query waits for ever. */
const transactionWaits = markRule(
  'a transaction awaits only its own queries',
  'wait in a transaction',
  (path) => workspaceOf(path) !== 'server' || path === begin,
);

export const limits = { file: 500, function: 120 } as const;

const sizes: Rule = {
  name: `no file over ${limits.file} lines, no function over ${limits.function}`,
  violations: (files) =>
    files.flatMap(({ path, lines, functions }) => [
      ...(lines > limits.file ? [`${path} has ${lines} lines`] : []),
      ...functions
        .filter((f) => f.lines > limits.function)
        .map((f) => `${path}:${f.line} has a function of ${f.lines} lines`),
    ]),
};

const cycles: Rule = {
  name: 'no file imports itself through others',
  violations: (files) => findCycles(files).map((cycle) => cycle.join(' → ')),
};

export const rules = {
  workspaceEdges,
  contractAsTypes,
  coreLadder,
  serverLadder,
  doors,
  testingForTests,
  packageHomes,
  purePackages,
  environment,
  pureCore,
  sqlInStores,
  transactionHome,
  transactionWaits,
  sizes,
  cycles,
} satisfies Record<string, Rule>;
