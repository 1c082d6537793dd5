import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './read-repository.ts';

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`),
].filter((path) => path.endsWith('.md'));

/** Text in backticks that names a place of this repository; braces, stars and angle brackets stand for several. */
const inRepository = /`((?:core|sdk|server|cli|web|testing|docs|scripts|\.ci)\/[\w./-]+)`/g;
const link = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g;

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('names only paths that exist', () => {
    const named = [...text.matchAll(inRepository)].map(([, path = '']) => path);
    expect(
      named.filter((path) => !['', '.ts', '.tsx', '/index.ts'].some((end) => existsSync(join(root, `${path}${end}`)))),
    ).toEqual([]);
  });

  it('links only to files that exist', () => {
    const targets = [...text.matchAll(link)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });
});
