import { defineConfig } from 'vitest/config';

/**
 * Unit tests run the TypeScript sources of every workspace (export condition `@wheelhouse/source`); end-to-end tests run
 * the built product, from this repository and from its packed tarballs.
 */
export default defineConfig({
  resolve: { conditions: ['@wheelhouse/source'] },
  ssr: { resolve: { conditions: ['@wheelhouse/source'] } },
  test: {
    pool: 'forks',
    // For two processors: what waits for servers, databases and browsers leaves a third of their time to another file.
    maxWorkers: 3,
    // What is waited for comes late on a busy machine; what never comes takes this long to fail.
    expect: { poll: { timeout: 30_000, interval: 25 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // They compute. Vitest wants projects that differ in this to be of different groups.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // Nothing is kept in modules, so that files can share them; loading them anew took a third of the time.
          isolate: false,
          include: ['{core,sdk,server,cli,web,testing}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'testing/{e2e,packages,durability,clients}/**'],
          // Simulations and databases take seconds on a busy machine; a limit is here for what hangs.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['testing/{e2e,packages}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'durability',
          include: ['testing/durability/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'python',
          include: ['testing/clients/python/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
