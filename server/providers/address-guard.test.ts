import { lookup } from 'node:dns/promises';
import { describe, expect, it } from 'vitest';
import { checkBaseUrl, guardedLookup, isPublicAddress } from './address-guard.ts';

describe('addresses that projects may name', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fc00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'nonsense',
  ])('leave out %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.32.0.1', '100.63.255.255', '2606:4700::1111', '::ffff:8.8.8.8'])('take in %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    'http://api.example.com/v1',
    'https://127.0.0.1/v1',
    'https://2130706433/v1',
    'https://0x7f000001/v1',
    'https://0177.0.0.1/v1',
    'https://127.1/v1',
    'https://[::1]/v1',
    'https://[::ffff:169.254.169.254]/v1',
    'https://[fd00:ec2::254]/',
    'https://localhost/v1',
    'https://LOCALHOST./v1',
    'https://db.localhost/v1',
    'https://metadata.google.internal/v1',
    'https://printer.local/v1',
    'https://user:pass@api.example.com/v1',
    'https://api.example.com/v1?x=1',
    'https://api.example.com/v1#x',
    'ftp://api.example.com',
    'file:///etc/passwd',
    'nonsense',
    '',
  ])('refuse the base URL %s', (url) => {
    expect(() => checkBaseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'baseUrl' }));
  });

  it('take a public host as it is', () => {
    expect(checkBaseUrl('https://api.example.com/v1').href).toBe('https://api.example.com/v1');
  });

  it.each([true, false])('are looked at again when a name has been resolved (all: %s)', async (all) => {
    // Whatever the name says, its address is this machine.
    expect((await lookup('localhost')).address).toMatch(/^(127\.|::1)/);
    const error = await new Promise((resolve) => guardedLookup('localhost', { all }, (given) => resolve(given)));
    expect(error).toMatchObject({ code: 'invalid_request' });
  });
});
