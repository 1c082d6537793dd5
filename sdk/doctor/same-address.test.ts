import { describe, expect, it } from 'vitest';
import { sameAddress, sameHost } from './same-address.ts';

describe('two URLs', () => {
  it.each([
    ['http://localhost:4400/v1', 'http://127.0.0.1:4400/v1/', true],
    ['http://[::1]:4400', 'http://localhost:4400', true],
    ['http://localhost:4400', 'http://localhost:4401', false],
    ['http://localhost:4400/v1', 'http://localhost:4400', false],
    ['https://localhost:4400', 'http://localhost:4400', false],
    ['not a url', 'not a url', false],
  ])('%s and %s lead to the same place: %s', (a, b, same) => {
    expect(sameAddress(a, b)).toBe(same);
  });

  it('share a host whatever the path', () => {
    expect(sameHost('http://localhost:4400/v1/traces', 'http://127.0.0.1:4400')).toBe(true);
  });
});
