import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-target.ts';

const PLAIN = { host: 'cache', port: 6379, username: null, password: null, database: 0, tls: null };

describe('a URL of Redis', () => {
  it.each([
    ['redis://cache', PLAIN],
    ['redis://cache/', PLAIN],
    ['redis://cache:7000/3', { ...PLAIN, port: 7000, database: 3 }],
    ['redis://gateway:a%2Fb%40c@cache', { ...PLAIN, username: 'gateway', password: 'a/b@c' }],
    ['redis://:word@cache', { ...PLAIN, password: 'word' }],
    ['redis://[::1]:7000', { ...PLAIN, host: '::1', port: 7000 }],
    ['rediss://cache', { ...PLAIN, tls: { ca: 'PEM' } }],
  ])('%s', (url, target) => {
    expect(parseRedisUrl(url, 'PEM')).toEqual(target);
  });

  it.each([
    'cache:6379',
    'http://cache',
    'redis://',
    'redis:///0',
    'redis://cache/zero',
    'redis://cache/-1',
    'redis://cache/99999999',
    'redis://cache?enableOfflineQueue=true',
    'rediss://cache?rejectUnauthorized=false',
    'redis://%zz@cache',
  ])('refuses %s', (url) => {
    expect(parseRedisUrl(url, null)).toBeNull();
  });
});
