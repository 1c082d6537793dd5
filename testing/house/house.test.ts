import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRepository, root } from './read-repository.ts';
import { rules } from './rules.ts';

const files = readRepository();

describe('the house', () => {
  it.each(Object.values(rules))('$name', ({ violations }) => {
    expect(violations(files)).toEqual([]);
  });

  it('is read whole: every import inside the repository leads to a file', () => {
    const dangling = files
      .flatMap(({ path, imports }) => imports.filter(({ external }) => !external).map(({ to }) => ({ path, to })))
      .filter(({ to }) => !to.includes('/dist/') && !existsSync(join(root, to)));
    expect(dangling).toEqual([]);
    for (const workspace of ['core', 'sdk', 'server', 'cli', 'web', 'testing']) {
      expect(files.some(({ path }) => path.startsWith(`${workspace}/`))).toBe(true);
    }
  });
});
