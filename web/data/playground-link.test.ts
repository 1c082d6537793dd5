import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlaygroundState, readLink, writeLink } from './playground-link.ts';

const stateOf = (text: string): PlaygroundState => ({
  variants: [
    {
      name: 'support-bot',
      version: null,
      definition: {
        flavor: 'prompt',
        baseModel: 'sim/echo',
        messages: [{ role: 'system', content: text }],
        parameters: {},
      },
      madeFrom: ['version:support-bot@1'],
    },
  ],
  inputs: [{ variables: { company: text }, messages: [{ role: 'user', content: text }] }],
});

describe('a link to a playground', () => {
  it('says the same when it is read again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const link = await writeLink(stateOf(text));
        expect(link).toMatch(/^[\w-]+$/);
        expect(await readLink(link ?? '')).toEqual(stateOf(text));
      }),
      { numRuns: 50 },
    );
  });

  it('is none where it would be cut on its way', async () => {
    const noise = Array.from({ length: 20_000 }, (_, i) => (Math.imul(i * i + 1, 0x9e3779b1) >>> 0).toString(36)).join(
      '',
    );
    expect(await writeLink(stateOf(noise))).toBeNull();
  });

  it('of somebody else is none', async () => {
    const link = (await writeLink(stateOf('hello'))) ?? '';
    expect(await readLink(link.slice(0, -8))).toBeNull();
    expect(await readLink('what is this')).toBeNull();
    expect(await readLink('')).toBeNull();
  });
});
