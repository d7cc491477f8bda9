import { expect, it } from 'vitest';
import { peerNetwork } from './peer-network.ts';

it.each([
  ['127.0.0.1:50051', '127.0.0.1'],
  ['::ffff:203.0.113.7:50051', '203.0.113.7'],
  ['::1:50051', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6:50051', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9:50051', '2001:db8:1:2::/64'],
  ['2001:db8::1:50051', '2001:db8:0:0::/64'],
  ['[2001:db8::1]:50051', '2001:db8:0:0::/64'],
  ['fe80::1%eth0:50051', 'fe80:0:0:0::/64'],
  ['::ffff:0:0:1:50051', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['', 'unknown'],
])('the place of %s is %s', (peer, network) => {
  expect(peerNetwork(peer)).toBe(network);
});
