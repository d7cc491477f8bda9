import { describe, expect, it } from 'vitest';
import { formatAddress, isLoopback, parseListenAddress, refuseOpenPlaintext } from './listen-address.ts';

describe('listen addresses', () => {
  it.each([
    ['127.0.0.1:50051', { host: '127.0.0.1', port: 50051 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65535 }],
    ['gateway.internal:443', { host: 'gateway.internal', port: 443 }],
  ])('reads %s', (text, expected) => {
    expect(parseListenAddress(text)).toEqual(expected);
    expect(formatAddress(expected)).toBe(text);
  });

  it.each([
    '',
    '50051',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:50051',
    '[1.2.3.4]:1',
    'a b:1',
    'unix:/x',
    'a:1\n',
  ])('refuses %j and says what would be right', (text) => {
    expect(() => parseListenAddress(text)).toThrow('is not host:port, for example 127.0.0.1:50051');
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST'])('takes %s for loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.evil.example', '::ffff:10.0.0.1', ''])(
    'does not take %j for loopback',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it('refuses plaintext where a network can see it', () => {
    const open = { host: '0.0.0.0', port: 50051 };
    expect(() => refuseOpenPlaintext('data plane', open, false)).toThrow(
      'the data plane listener on 0.0.0.0:50051 would send API keys in the clear',
    );
    expect(() => refuseOpenPlaintext('data plane', open, true)).not.toThrow();
    expect(() => refuseOpenPlaintext('data plane', { host: '127.0.0.1', port: 1 }, false)).not.toThrow();
  });
});
