import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultProjectId, type ProjectId, type Span } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, sayings, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { countByProject } from './ledger.ts';
import { openSpill, type Spill, type SpillOptions } from './spill.ts';

let root = '';
let dirs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wheelhouse-spill-'));
});
afterAll(() => rm(root, { recursive: true }));

const freshDir = () => join(root, String(dirs++));
let tokens = 0;
const newToken = () => (++tokens).toString(16).padStart(32, '0');
const warnings: string[] = [];
const open = (dir: string, more: Partial<SpillOptions> = {}) =>
  openSpill({ dir, newToken, log: { warn: (_, message) => void warnings.push(message) }, ...more });

const span = (n: number, more: Partial<Span> = {}) => bareSpan(freshTraceId(), spanIdOf(n), more);

/** Takes everything out, oldest first. */
async function drain(spill: Spill): Promise<{ token: string; spans: Span[] }[]> {
  const segments: { token: string; spans: Span[] }[] = [];
  for (let segment = await spill.oldest(); segment; segment = await spill.oldest()) {
    segments.push({ token: segment.token, spans: await spill.read(segment) });
    await spill.remove(segment);
  }
  return segments;
}

const groups = fc.array(
  fc.record({
    said: fc.array(sayings, { minLength: 1, maxLength: 3 }),
    own: fc.boolean(),
    reopen: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('a spill', () => {
  it('gives back what was put in, in order and exact, also to the next process', async () => {
    await fc.assert(
      fc.asyncProperty(groups, async (given) => {
        const dir = freshDir();
        let spill = await open(dir);
        const spans: Span[] = [];
        const owned: string[] = [];
        for (const { said, own, reopen } of given) {
          const group = said.map((fields, i) => {
            const projectId = `project ${i % 2}` as ProjectId;
            return span(i, { ...fields, projectId, endNs: (1n << 63n) + 1n });
          });
          const token = own ? newToken() : undefined;
          await spill.append(group, token);
          spans.push(...group);
          if (token) owned.push(token);
          if (!reopen) continue;
          await spill.close();
          spill = await open(dir);
        }
        expect(spill.spans()).toBe(spans.length);
        expect(spill.counts()).toEqual(countByProject(spans));
        const segments = await drain(spill);
        expect(segments.flatMap((segment) => segment.spans)).toEqual(spans);
        const all = segments.map(({ token }) => token);
        expect(all.filter((token) => owned.includes(token))).toEqual(owned);
        expect(new Set(all).size).toBe(all.length);
        expect(spill.spans()).toBe(0);
        expect(await readdir(dir)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('loses, of a file cut off anywhere, exactly the groups that are not whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sayings, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (said, part) => {
          const dir = freshDir();
          const spill = await open(dir);
          const whole: { span: Span; end: number }[] = [];
          const before = span(99);
          await spill.append([before], newToken());
          for (const [i, fields] of said.entries()) {
            const one = span(i, fields);
            await spill.append([one]);
            const file = join(dir, (await readdir(dir)).sort().at(-1) ?? '');
            whole.push({ span: one, end: (await readFile(file)).length });
          }
          await spill.close();
          const file = join(dir, (await readdir(dir)).sort().at(-1) ?? '');
          const length = Math.floor(part * (whole.at(-1)?.end ?? 0));
          await truncate(file, length);
          const kept = whole.filter(({ end }) => end <= length).map((one) => one.span);
          const next = await open(dir);
          expect(next.spans()).toBe(1 + kept.length);
          const late = span(100);
          await next.append([late]);
          expect((await drain(next)).flatMap((segment) => segment.spans)).toEqual([before, ...kept, late]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes bytes that were changed, or written as zeros, for a torn end', async () => {
    const dir = freshDir();
    const spill = await open(dir);
    await spill.append([span(1)]);
    await spill.append([span(2)]);
    await spill.close();
    const [name = ''] = await readdir(dir);
    const content = await readFile(join(dir, name));
    content[content.length - 3] = (content[content.length - 3] ?? 0) ^ 1;
    await writeFile(join(dir, name), Buffer.concat([content, Buffer.alloc(64)]));
    warnings.length = 0;
    expect((await open(dir)).spans()).toBe(1);
    expect(warnings).toEqual(['the torn end of a spill file was cut off']);
  });

  it('keeps groups together up to a batch, one with a token of its own apart', async () => {
    const spill = await open(freshDir());
    const many = Array.from({ length: 3_000 }, (_, i) => span(i));
    await spill.append([span(1)]);
    await spill.append([span(2)]);
    await spill.append([span(3)], newToken());
    await spill.append([span(4)]);
    await spill.append(many);
    await spill.append(many);
    expect((await drain(spill)).map(({ spans }) => spans.length)).toEqual([2, 1, 3_001, 3_000]);
  });

  it('adds nothing to a segment that was handed out', async () => {
    const spill = await open(freshDir());
    await spill.append([span(1)]);
    const oldest = await spill.oldest();
    await spill.append([span(2)]);
    expect(oldest?.counts).toEqual(new Map([[defaultProjectId, 1]]));
    expect((await drain(spill)).map(({ spans }) => spans.length)).toEqual([1, 1]);
  });

  it('takes no more than its bound, and takes again when there is room', async () => {
    const spill = await open(freshDir(), { maxBytes: 3_000 });
    const large = () => span(1, { name: 'x'.repeat(1_000) });
    await spill.append([large()]);
    await expect(spill.append([large(), large()])).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(spill.spans()).toBe(1);
    await drain(spill);
    await spill.append([large()]);
    expect(spill.spans()).toBe(1);
  });

  it('leaves files alone that are not its own', async () => {
    const dir = freshDir();
    const spill = await open(dir);
    await writeFile(join(dir, 'notes.txt'), 'mine');
    await spill.append([span(1)]);
    await spill.close();
    expect(await drain(await open(dir))).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['notes.txt']);
  });
});
