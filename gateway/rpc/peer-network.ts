// Owns what counts as one place that calls come from.
import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^::ffff:([0-9.]+)$/i;

/** Of grpc-js's `address:port`: an IPv4 address, or the /64 of an IPv6 address, which one host can have all of. */
export function peerNetwork(peer: string): string {
  const address = peer.replace(/:[0-9]+$/, '').replace(/^\[(.*)\]$/, '$1');
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  const [withoutZone = ''] = address.split('%');
  if (!isIPv6(withoutZone)) return isIPv4(address) ? address : 'unknown';
  const [before = '', after] = withoutZone.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
