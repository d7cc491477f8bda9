import { describe, expect, it } from 'vitest';
import { type DatabaseTarget, parseDatabaseUrl } from './database-url.ts';

function target(url: string): DatabaseTarget {
  const parsed = parseDatabaseUrl(url);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.target;
}

function problem(url: string): string {
  const parsed = parseDatabaseUrl(url);
  return 'problem' in parsed ? parsed.problem : 'none';
}

describe('parseDatabaseUrl', () => {
  it('reads one server', () => {
    expect(target('postgres://u:p%40%3A@db:6000/the%20name?sslmode=disable')).toEqual({
      servers: [{ host: 'db', port: 6000 }],
      user: 'u',
      password: 'p@:',
      database: 'the name',
      tls: { kind: 'off' },
    });
  });

  it('reads several servers, each with a port of its own', () => {
    const url = 'postgresql://u@a:1,b,[::1]:3/n?target_session_attrs=read-write&sslmode=verify-full';
    expect(target(url).servers).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5432 },
      { host: '::1', port: 3 },
    ]);
  });

  it('reads the folder of a Unix socket, and leaves what is not said to the environment', () => {
    expect(target('postgres:///n?host=/var/run/postgresql')).toMatchObject({
      servers: [{ host: '/var/run/postgresql', port: 5432 }],
      user: undefined,
      password: undefined,
    });
  });

  it.each([
    ['postgres://127.0.0.1/n', { kind: 'off' }],
    ['postgres://localhost,[::1]/n', { kind: 'off' }],
    ['postgres://db/n?sslmode=verify-full', { kind: 'verified', caFile: null, anyName: false, client: null }],
    ['postgres://db/n?sslrootcert=/ca.pem', { kind: 'verified', caFile: '/ca.pem', anyName: false, client: null }],
    [
      'postgres://db/n?sslmode=verify-ca&sslrootcert=/ca.pem',
      { kind: 'verified', caFile: '/ca.pem', anyName: true, client: null },
    ],
    [
      'postgres://db/n?sslcert=/c.pem&sslkey=/c.key',
      { kind: 'verified', caFile: null, anyName: false, client: { certFile: '/c.pem', keyFile: '/c.key' } },
    ],
  ])('protects %s with %o', (url, tls) => {
    expect(target(url).tls).toEqual(tls);
  });

  it.each([
    ['postgres://u:hunter2@db/n', 'names a server off this machine without saying how the connection is protected'],
    ['postgres://localhost,db/n', 'names a server off this machine'],
    ['postgres://127.0.0.1.evil.example/n', 'names a server off this machine'],
    ['postgres://u:hunter2@db/n?sslmode=require', 'does not check who answers'],
    ['postgres://u:hunter2@db/n?sslmode=prefer', 'does not check who answers'],
    ['postgres://u:hunter2@db/n?sslmode=no-verify', 'does not check who answers'],
    ['postgres://db/n?sslmode=verify-ca', 'without sslrootcert'],
    ['postgres://db/n?sslmode=disable&sslrootcert=/ca.pem', 'uses no TLS'],
    ['postgres://db/n?sslrootcert=ca.pem', 'has an sslrootcert that is no absolute path'],
    ['postgres://db/n?sslcert=/c.pem&sslkey=c.key', 'has an sslkey that is no absolute path'],
    ['postgres://db/n?sslmode=verify-full&sslcert=/c.pem', 'without the other'],
    ['postgres://db/n?sslmode=verify-full&sslkey=/c.key', 'without the other'],
    ['postgres://localhost/n?target_session_attrs=any', 'cannot be written to'],
    ['postgres://localhost/n?options=-c%20synchronous_commit=off', 'has a parameter that is none of'],
    ['postgres://localhost/n?ssl=0', 'has a parameter that is none of'],
    ['postgres://u:hunter2:x@localhost/n', 'cannot be read'],
    ['postgres://u:hunter2@localhost:0/n', 'cannot be read'],
    ['postgres://u:hunter2@localhost:70000/n', 'cannot be read'],
    ['postgres://u:hunter2@a:1:2/n', 'cannot be read'],
    ['postgres://u:%zz@localhost/n', 'cannot be read'],
    ['http://u:hunter2@localhost/n', 'cannot be read'],
    ['', 'cannot be read'],
  ])('refuses %s', (url, message) => {
    expect(problem(url)).toContain(message);
    expect(problem(url)).not.toContain('hunter2');
  });
});
