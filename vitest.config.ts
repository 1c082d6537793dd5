import { defineConfig } from 'vitest/config';

/** Unit tests run the TypeScript sources of every workspace (export condition `source`); end-to-end tests run the built product. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{core,sdk,server,cli,web,testing}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'testing/e2e/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['testing/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
