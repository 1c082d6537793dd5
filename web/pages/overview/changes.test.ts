import { describe, expect, it } from 'vitest';
import { absoluteChange, rateChange, relativeChange, tooFew } from './changes.ts';

const was = 'x';

describe('a figure beside the one before', () => {
  it('is said in percent, in multiples when it is many times that, and as new when there was nothing', () => {
    expect(relativeChange({ now: 112, before: 100, was })).toMatchObject({ arrow: '▲', text: '12 %', tone: 'none' });
    expect(relativeChange({ now: 98.6, before: 100, was })).toMatchObject({
      ...{ arrow: '▼', text: '1.4 %', words: 'down 1.4 percent from x' },
    });
    expect(relativeChange({ now: 2000, before: 100, was })).toMatchObject({
      text: '20 ×',
      words: 'up 20 times from x',
    });
    expect(relativeChange({ now: 5, before: 0, was })).toMatchObject({ arrow: '', text: 'new' });
    expect(relativeChange({ now: 100, before: 100, was })).toMatchObject({ arrow: '', text: 'same' });
    expect(relativeChange({ now: 0, before: 0, was })).toMatchObject({ text: 'same' });
  });

  it('is better or worse only where less is better, and where it can be noticed', () => {
    expect(relativeChange({ now: 120, before: 100, was }, true)).toMatchObject({
      ...{ tone: 'worse', words: 'up 20 percent from x, worse' },
    });
    expect(relativeChange({ now: 80, before: 100, was }, true).tone).toBe('better');
    expect(relativeChange({ now: 105, before: 100, was }, true).tone).toBe('none');
    expect(relativeChange({ now: 300, before: 100, was }).tone).toBe('none');
  });

  it('of a rate has the interval of the difference, and is none while that includes 0', () => {
    const worse = rateChange({ count: 30, of: 100 }, { count: 5, of: 100 });
    expect(worse).toMatchObject({ arrow: '▲', text: '25 points', tone: 'worse' });
    expect(worse.note).toMatch(/^95 %: \+1\d to \+3\d, n 100 and 100$/);
    expect(rateChange({ count: 5, of: 100 }, { count: 30, of: 100 })).toMatchObject({ arrow: '▼', tone: 'better' });
    const unclear = rateChange({ count: 3, of: 30 }, { count: 1, of: 30 });
    expect(unclear).toMatchObject({ arrow: '', text: 'no clear difference', tone: 'none' });
    expect(unclear.note).toContain('n 30 and 30');
    expect(rateChange({ count: 0, of: 20 }, { count: 0, of: 20 }).text).toBe('no clear difference');
  });

  it('of a score is a difference, with how many there are', () => {
    expect(absoluteChange({ now: 0.8, before: 0.75, was: '0.750' }, 'n 40 and 50')).toMatchObject({
      ...{ arrow: '▲', text: '0.050', tone: 'none', note: 'n 40 and 50' },
    });
  });

  it('is not made of a handful, and says so', () => {
    expect(tooFew(12, 400, 'trace')).toBe('Too few to compare: 12 traces, 400 before; it takes 20 each.');
    expect(tooFew(1, 19, 'call')).toBe('Too few to compare: 1 call, 19 before; it takes 20 each.');
    expect(tooFew(20, 20, 'trace')).toBeNull();
    // Nothing before is no handful: what is there is new.
    expect(tooFew(3, 0, 'trace')).toBeNull();
  });
});
