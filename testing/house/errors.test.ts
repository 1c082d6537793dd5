import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorTable } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { root } from './read-repository.ts';

it('docs/errors.md explains each error code with its status, and none that is gone', () => {
  const text = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  const documented = [...text.matchAll(/^### `(\w+)` · (\d{3})$/gm)].map(([, code, status]) => `${code} ${status}`);
  const existing = Object.entries(errorTable).map(([code, { status }]) => `${code} ${status}`);
  expect(documented.toSorted()).toEqual(existing.toSorted());
});
