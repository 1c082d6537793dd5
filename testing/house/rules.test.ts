import { describe, expect, it } from 'vitest';
import { parseSource } from './parse-source.ts';
import { limits, rules } from './rules.ts';

type RuleName = keyof typeof rules;
type Sources = Record<string, string>;

const broken = (rule: RuleName, sources: Sources) =>
  rules[rule].violations(Object.entries(sources).map(([path, text]) => parseSource(path, text)));

const door = { 'core/records/index.ts': 'export const a = 1;' };
const manyLines = (count: number) => Array.from({ length: count }, (_, i) => `f(${i});`).join('\n');

/** What each rule must catch, and its nearest neighbour that it must let through. */
const cases: { rule: RuleName; caught: Sources; fine: Sources }[] = [
  {
    rule: 'workspaceEdges',
    caught: { 'web/a.tsx': "import type { A } from '@wheelhouse/server/main';" },
    fine: { 'cli/a.ts': "const m = await import('@wheelhouse/server/main');" },
  },
  {
    rule: 'workspaceEdges',
    caught: { 'cli/a.ts': "import { a } from '@wheelhouse/server/config';" },
    fine: { 'core/eval/a.test.ts': "import { a } from '@wheelhouse/testing/fakes';" },
  },
  {
    rule: 'workspaceEdges',
    caught: { 'core/eval/a.ts': "export * from '../../server/main.ts';" },
    fine: { 'server/a.ts': "import { a } from '@wheelhouse/core/records';" },
  },
  {
    rule: 'contractAsTypes',
    caught: { 'web/a.ts': "import { routes } from '@wheelhouse/core/contract';" },
    fine: {
      'web/a.ts':
        "import type { A } from '@wheelhouse/core/contract';\nimport { paths } from '@wheelhouse/core/contract/paths';",
    },
  },
  {
    rule: 'coreLadder',
    caught: { 'core/trace/a.ts': "import type { A } from '../sim/index.ts';" },
    fine: { 'core/trace/a.ts': "import type { A } from '../ports/index.ts';" },
  },
  {
    rule: 'coreLadder',
    caught: { 'core/contract/a.ts': "type A = import('../ports/index.ts').A;" },
    fine: { 'core/contract/a.ts': "import { a } from '../records/index.ts';" },
  },
  {
    rule: 'coreLadder',
    caught: { 'core/helpers/a.ts': "import { a } from '../records/index.ts';" },
    fine: { 'core/eval/a.ts': "import { a } from '../model/index.ts';" },
  },
  {
    rule: 'serverLadder',
    caught: { 'server/gateway/a.ts': "import { a } from '../ingest/index.ts';" },
    fine: { 'server/main.ts': "import { a } from './ingest/index.ts';" },
  },
  {
    rule: 'serverLadder',
    caught: { 'server/http/a.ts': "import { a } from '../stores/index.ts';" },
    fine: { 'server/http/a.ts': "import { a } from '../access/index.ts';" },
  },
  {
    rule: 'serverLadder',
    caught: { 'server/stores/postgres/a.ts': "import { a } from '@wheelhouse/core/eval';" },
    fine: {
      'server/stores/postgres/a.ts':
        "import { a } from '@wheelhouse/core/ports';\nimport { b } from '../embedded/index.ts';",
    },
  },
  {
    rule: 'doors',
    caught: { ...door, 'core/ports/a.ts': "import { a } from '../records/money.ts';" },
    fine: {
      ...door,
      'core/records/b.ts': "import { a } from './money.ts';",
      'core/ports/a.ts': "import { a } from '../records/index.ts';",
    },
  },
  {
    rule: 'testingForTests',
    caught: { 'server/a.ts': "import { a } from '@wheelhouse/testing/fakes';" },
    fine: { 'server/a.test.ts': "import { a } from '@wheelhouse/testing/fakes';" },
  },
  {
    rule: 'packageHomes',
    caught: { 'server/traces/a.ts': "import { Hono } from 'hono';" },
    fine: { 'server/http/a.ts': "import { Hono } from 'hono/tiny';" },
  },
  {
    rule: 'packageHomes',
    caught: { 'cli/a.ts': "import { useState } from 'react';" },
    fine: { 'web/a.tsx': "import { useState } from 'react';" },
  },
  {
    rule: 'packageHomes',
    caught: { 'sdk/a.ts': "import fc from 'fast-check';" },
    fine: { 'sdk/a.test.ts': "import fc from 'fast-check';" },
  },
  {
    rule: 'purePackages',
    caught: { 'core/eval/a.ts': "import { readFileSync } from 'node:fs';" },
    fine: { 'core/eval/a.ts': "import { z } from 'zod/mini';" },
  },
  {
    rule: 'environment',
    caught: { 'server/gateway/a.ts': 'const a = process.env.A;' },
    fine: { 'server/config.ts': 'const a = process.env.A;' },
  },
  {
    rule: 'environment',
    caught: { 'web/parts/a.ts': 'const a = import.meta.env.DEV;' },
    fine: { 'web/parts/a.ts': 'const a = import.meta.url;' },
  },
  { rule: 'pureCore', caught: { 'core/eval/a.ts': 'Date.now();' }, fine: { 'server/a.ts': 'Date.now();' } },
  {
    rule: 'pureCore',
    caught: { 'core/eval/a.ts': 'const a = new Date();' },
    fine: { 'core/eval/a.ts': 'const a = new Date(0);' },
  },
  {
    rule: 'pureCore',
    caught: { 'core/eval/a.ts': 'const a = crypto.randomUUID();' },
    fine: { 'core/eval/a.ts': 'Math.round(1);' },
  },
  {
    rule: 'pureCore',
    caught: { 'core/eval/a.ts': 'Math.random();' },
    fine: { 'core/eval/a.test.ts': 'Math.random();' },
  },
  {
    rule: 'sqlInStores',
    caught: { 'server/traces/a.ts': 'const q = `\n  SELECT id\n  FROM spans`;' },
    fine: {
      'server/traces/a.ts': "const hint = 'Select a span from the list.';",
      'server/stores/clickhouse/a.ts': "const q = 'SELECT 1 FROM spans';",
    },
  },
  {
    rule: 'sqlInStores',
    caught: { 'server/jobs/a.ts': 'const q = sql`vacuum`;' },
    fine: { 'server/jobs/a.ts': "const q = 'update the row and set it';" },
  },
  {
    rule: 'transactionHome',
    caught: { 'server/stores/postgres/a.ts': 'await db.transaction().execute(work);' },
    fine: { 'server/stores/postgres/in-transaction.ts': 'await db.transaction().execute(work);' },
  },
  {
    rule: 'transactionWaits',
    caught: { 'server/stores/postgres/a.ts': 'inTransaction(db, async (tx) => { await sleep(1); });' },
    fine: { 'server/stores/postgres/a.ts': 'inTransaction(db, async (tx) => { await lock(tx); });' },
  },
  { rule: 'sizes', caught: { 'web/a.tsx': manyLines(limits.file + 1) }, fine: { 'web/a.tsx': manyLines(limits.file) } },
  {
    rule: 'sizes',
    caught: { 'web/a.tsx': `const a = () => {\n${manyLines(limits.function - 1)}\n};` },
    fine: {
      'web/a.tsx': `const a = () => {\n${manyLines(limits.function - 2)}\n};`,
      'testing/a.ts': `export const suite = () => {\n${manyLines(limits.function)}\nit.each([1])('x', () => {});\n};`,
    },
  },
  {
    rule: 'cycles',
    caught: {
      'core/a.ts': "import './b.ts';",
      'core/b.ts': "export * from './c.ts';",
      'core/c.ts': "import { a } from './a.ts';",
    },
    fine: {
      'core/a.ts': "import './b.ts';",
      'core/b.ts': "import type { A } from './a.ts';\nconst a = import('./a.ts');",
    },
  },
];

describe('the rules of the house', () => {
  it.each(cases)('$rule catches a violation and lets its neighbour through', ({ rule, caught, fine }) => {
    expect(broken(rule, caught)).toHaveLength(1);
    expect(broken(rule, fine)).toEqual([]);
  });

  it('are each shown to catch something', () => {
    expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(Object.keys(rules)));
  });
});
