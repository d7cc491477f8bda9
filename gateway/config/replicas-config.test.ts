import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from './testing/config-folder.ts';

const { loaded, problems, path } = useConfigFolder();

describe('redis', () => {
  it('is not there unless it is named', async () => {
    expect((await loaded(GOOD)).redis).toBeNull();
  });

  it.each(['REDIS_URL', 'COUNTERSIGN_REDIS_URL'])('is named by %s, which is a secret', async (variable) => {
    const config = await loaded(GOOD, { [variable]: 'rediss://u:hidden-word@cache:7000/2' });
    expect(config.redis?.url.reveal()).toBe('rediss://u:hidden-word@cache:7000/2');
    expect(config.redis).toMatchObject({ ca: null, keyPrefix: 'countersign:' });
    expect(JSON.stringify(config)).not.toContain('hidden-word');
  });

  it('is named by a file, with its authorities', async () => {
    await writeFile(path('redis-url'), 'rediss://:word@cache\n', { mode: 0o600 });
    await writeFile(path('ca.pem'), 'PEM');
    const text = `${GOOD}redis: { url_file: redis-url, ca_file: ca.pem, key_prefix: "staging:" }\n`;
    const { redis } = await loaded(text);
    expect(redis?.url.reveal()).toBe('rediss://:word@cache');
    expect(redis).toMatchObject({ ca: 'PEM', keyPrefix: 'staging:' });
  });

  it.each(['redis://127.0.0.1:6379', 'redis://localhost', 'redis://[::1]/1'])('may be plaintext at %s', async (url) => {
    expect((await loaded(`${GOOD}redis: { url: "${url}" }\n`)).redis).not.toBeNull();
  });

  it('may be plaintext elsewhere where that is said', async () => {
    expect((await loaded(`${GOOD}redis: { url: "redis://cache", allow_plaintext: true }\n`)).redis).not.toBeNull();
  });

  it.each([
    ['{ url: "redis://cache" }', 'redis.url: would carry its password in the clear: take rediss://'],
    ['{ url: "rediss://:word@cache" }', 'redis.url: seems to hold a secret'],
    ['{ url: "http://cache" }', 'redis.url: is not a URL of the kind rediss://'],
    ['{ url: "rediss://cache?rejectUnauthorized=false" }', 'redis.url: is not a URL of the kind rediss://'],
    ['{ url: "rediss://cache", url_file: passphrase }', 'redis.url: give url or url_file, not both'],
    ['{ url: "rediss://cache", ca_file: nowhere.pem }', 'redis.ca_file: '],
    ['{ url: "redis://localhost", ca_file: cert.pem }', 'redis.ca_file: is of no use with redis://'],
    ['{ ca_file: cert.pem }', 'redis.ca_file: is of no use without url or url_file'],
    ['{ url: "rediss://cache", key_prefix: "a b" }', 'redis.key_prefix: must be 1 to 64 printable ASCII'],
  ])('%s is refused', async (section, message) => {
    const [problem, ...others] = await problems(`${GOOD}redis: ${section}\n`);
    expect(problem).toContain(message);
    expect(problem).not.toContain('word@');
    expect(others).toEqual([]);
  });
});

describe('rate_limits', () => {
  it('are there without being asked for', async () => {
    expect((await loaded(GOOD)).rateLimits).toEqual({
      agent: { perMinute: 6_000, burst: 200 },
      agents: new Map(),
      operator: { perMinute: 3_000, burst: 200 },
      failedAttempts: { perMinute: 60, burst: 30 },
    });
  });

  it('are as they are given, also for single agents', async () => {
    const text = `${GOOD}rate_limits:
  agent: { per_minute: 60 }
  agents:
    - { agent: market-maker, per_minute: 60000, burst: 1000 }
    - { agent: payroll, per_minute: 2, burst: 1 }
  failed_attempts: { burst: 5 }
`;
    const { rateLimits } = await loaded(text, { COUNTERSIGN_RATE_LIMITS_OPERATOR_BURST: '7' });
    expect(rateLimits).toEqual({
      agent: { perMinute: 60, burst: 200 },
      agents: new Map([
        ['market-maker', { perMinute: 60_000, burst: 1_000 }],
        ['payroll', { perMinute: 2, burst: 1 }],
      ]),
      operator: { perMinute: 3_000, burst: 7 },
      failedAttempts: { perMinute: 60, burst: 5 },
    });
  });

  it.each([
    ['{ agent: { per_minute: 0 } }', 'rate_limits.agent.per_minute: must be at least 1'],
    ['{ operator: { burst: 1000000 } }', 'rate_limits.operator.burst: must be at most 100000'],
    ['{ agents: [{ agent: a, per_minute: 1 }] }', 'rate_limits.agents[0].burst: '],
    [
      '{ agents: [{ agent: a, per_minute: 1, burst: 1 }, { agent: a, per_minute: 2, burst: 2 }] }',
      'rate_limits.agents[1].agent: stands in this list before',
    ],
    ['{ everybody: { per_minute: 1 } }', 'rate_limits.everybody: unknown key'],
  ])('%s is refused', async (section, message) => {
    const [problem] = await problems(`${GOOD}rate_limits: ${section}\n`);
    expect(problem).toContain(message);
  });
});
