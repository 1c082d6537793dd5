import { describe, expect, it } from 'vitest';
import { mentionsIn } from './comment.ts';

describe('mentions', () => {
  it.each([
    ['Too stiff, @ann and @Bob.Smith@Example.com.', ['ann', 'bob.smith@example.com']],
    ['@ann, @ann: (@eve) @ann@', ['ann', 'eve']],
    ['write to ann@example.com', []],
    ['version:bot@2 is at x@@y, see @', []],
    ['@a-b_c+d.', ['a-b_c+d']],
    ['', []],
  ])('of %j', (text, names) => {
    expect(mentionsIn(text)).toEqual(names);
  });

  it('take time in proportion to the text', () => {
    expect(mentionsIn('@a.'.repeat(100_000))).toEqual(['a']);
  });
});
