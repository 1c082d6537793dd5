import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WheelhouseError } from '@wheelhouse/core/records';

/** IANA's special-purpose registries: everything that is not a host of the public internet. */
const refused4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
/** Of IPv6 only global unicast is public; these are the parts of it that are not, or that hold an IPv4 address. */
const refused6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const refused = new BlockList();
for (const [net, prefix] of refused4) refused.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of refused6) refused.addSubnet(net, prefix, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const inner = mapped.exec(address)?.[1];
  if (inner !== undefined) return isPublicAddress(inner);
  const family = isIP(address);
  if (family === 4) return !refused.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return globalUnicast.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}

const refusal = (host: string): WheelhouseError =>
  new WheelhouseError('invalid_request', `${host} is not a host of the public internet.`, {
    param: 'baseUrl',
    hint: 'Servers of your own network are set up by the operator, under `providers` in wheelhouse.config.',
  });

/** `[::1]` and `127.0.0.1` as they are; a URL has turned decimal, octal and short forms into these. */
const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$|\.$/g, '');

/**
 * Refuses base URLs that lead into the operator's own network. This is for a clear answer at once: what counts is
 * {@link guardedLookup}, which connections are made by.
 * @throws WheelhouseError `invalid_request`
 */
export function checkBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new WheelhouseError('invalid_request', 'The base URL is not an https address without credentials.', {
      param: 'baseUrl',
    });
  if (url.search !== '' || url.hash !== '')
    throw new WheelhouseError('invalid_request', 'The base URL has a query or a fragment.', { param: 'baseUrl' });
  const host = bareHost(url);
  const local = host === 'localhost' || /\.(localhost|local|internal|home\.arpa)$/.test(host);
  if (local || (isIP(host) !== 0 && !isPublicAddress(host))) throw refusal(host);
  return url;
}

/**
 * Resolves a name for a connection and refuses it when any of its addresses is not public. The connection is made to the
 * very addresses that were looked at, so a name that changes in between gains nothing.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(refusal(hostname), '', 0);
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
