// Owns what a gateway has of Redis, opened for tests, with what it told of its coming and going.
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, vi } from 'vitest';
import { openRedis } from '../open-redis.ts';
import { parseRedisUrl } from '../redis-target.ts';

export interface Opened extends ReturnType<typeof openRedis> {
  /** Every change that was told: `up`, or why it is away. */
  readonly changes: string[];
  up(): Promise<void>;
  away(): Promise<void>;
}

interface OpenOptions {
  /** Absent: a deployment of its own. */
  readonly keyPrefix?: string;
  /** `null`: as in a gateway. Absent: what a loaded machine may take, where it is not the time that is tested. */
  readonly answerWithinMs?: number | null;
  readonly ca?: string;
}

const PATIENT_MS = 10_000;

export function open(url: string, options: OpenOptions = {}): Opened {
  const { keyPrefix = `test-${randomUUID()}:`, answerWithinMs = PATIENT_MS, ca = null } = options;
  const target = parseRedisUrl(url, ca);
  if (target === null) throw new Error(`${url} is not a URL of Redis`);
  const changes: string[] = [];
  const parts = openRedis({
    target,
    keyPrefix,
    onChange: (isUp, why) => changes.push(isUp ? 'up' : why),
    ...(answerWithinMs === null ? {} : { answerWithinMs }),
  });
  const state = (wanted: boolean) => () => expect((changes.at(-1) ?? 'away') === 'up').toBe(wanted);
  return {
    ...parts,
    changes,
    up: () => vi.waitFor(state(true)),
    away: () => vi.waitFor(state(false)),
  };
}

/** Up, and closed with the test. */
export async function opened(url: string, options?: OpenOptions): Promise<Opened> {
  const redis = open(url, options);
  onTestFinished(() => redis.close());
  await redis.up();
  return redis;
}
