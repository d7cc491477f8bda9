import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startValkey } from '../../test/fakes/valkey-server.ts';
import { Secret } from '../config/secret.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { openReplicas, type Replicas } from './replicas.ts';

const RATE = { perMinute: 1, burst: 2 };
const WORD = 'a-word-that-nobody-may-see';

const open: Replicas[] = [];
afterEach(() => {
  for (const replicas of open.splice(0)) replicas.close();
});

function opened(url: string | null) {
  const lines: string[] = [];
  const metrics = createMetrics({ version: '0.0.0' });
  const redis = url === null ? null : { url: new Secret(url), ca: null, keyPrefix: 'test:' };
  const replicas = openReplicas({ redis }, createLog('trace', { write: (line) => void lines.push(line) }), metrics);
  open.push(replicas);
  const up = async () => /^countersign_redis_up (\d)$/m.exec(await metrics.registry.metrics())?.[1];
  return { ...replicas, lines, up };
}

async function kinds({ rateLimiter }: Pick<Replicas, 'rateLimiter'>, count: number): Promise<readonly string[]> {
  const turns = await Promise.all(Array.from({ length: count }, () => rateLimiter.take('agent:trader', RATE)));
  return turns.map(({ kind }) => kind);
}

describe('what a gateway shares with its replicas', () => {
  it('is its own where there is no Redis, which no metric speaks of', async () => {
    const replicas = opened(null);
    expect(await kinds(replicas, 3)).toEqual(['admitted', 'admitted', 'limited']);
    expect(await replicas.up()).toBeUndefined();
    expect(replicas.lines).toEqual([]);
  });

  it('is at hand at once, and limited, while Redis is not there', async () => {
    const gone = await startValkey(WORD);
    await gone.close();
    const replicas = opened(gone.url);
    expect(await kinds(replicas, 3)).toEqual(['admitted', 'admitted', 'limited']);
    expect(await replicas.up()).toBe('0');
    await vi.waitFor(() => expect(replicas.lines.join()).toContain('ECONNREFUSED'));
    await gone.start();
    onTestFinished(() => gone.close());
    await vi.waitFor(async () => expect(await replicas.up()).toBe('1'));
    expect(replicas.lines.join()).toContain('Redis answers');
  });

  it.each([
    ['the right one', WORD, '1'],
    ['a wrong one', `not-${WORD}`, '0'],
  ])('never says the password, when it is %s', async (_what, given, wanted) => {
    const valkey = await startValkey(WORD);
    onTestFinished(() => valkey.close());
    const replicas = opened(`redis://default:${given}@127.0.0.1:${valkey.port}`);
    await vi.waitFor(() => expect(replicas.lines).not.toEqual([]));
    await vi.waitFor(async () => expect(await replicas.up()).toBe(wanted));
    await valkey.kill();
    await kinds(replicas, 3);
    await valkey.start();
    await vi.waitFor(async () => expect(await replicas.up()).toBe(wanted));
    expect(replicas.lines.join()).not.toContain(WORD);
  });
});
