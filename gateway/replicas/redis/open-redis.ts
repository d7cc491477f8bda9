// Owns what a gateway has of Redis: a connection that asks and one that listens.
import type { FanOut } from '../fan-out.ts';
import type { CommonCount } from '../shared-rate-limiter.ts';
import { createRedisFanOut } from './redis-fan-out.ts';
import { openRedisLink } from './redis-link.ts';
import { createRedisRateLimiter } from './redis-rate-limiter.ts';
import type { RedisTarget } from './redis-target.ts';

export interface RedisParts {
  readonly calls: CommonCount;
  readonly fanOut: FanOut;
  close(): void;
}

export interface OpenRedisOptions {
  readonly target: RedisTarget;
  /** Begins every key and channel, so that several deployments can share one Redis. */
  readonly keyPrefix: string;
  /** Told when it is first known, and of each change; up is when both connections are. */
  readonly onChange: (isUp: boolean, why: string) => void;
  /** As of each connection. */
  readonly answerWithinMs?: number;
}

const PROBE_KEPT_MS = 10_000;

/** Returns at once; Redis may come and go. */
export function openRedis({ keyPrefix, onChange, ...connection }: OpenRedisOptions): RedisParts {
  let wasUp: boolean | null = null;
  const changed = (oneIsUp: boolean, why: string): void => {
    const isUp = asking.isUp && listening.isUp;
    // Of two that are coming up, the first says nothing.
    if (isUp === wasUp || (oneIsUp && !isUp)) return;
    wasUp = isUp;
    onChange(isUp, why);
  };
  const asking = openRedisLink({
    ...connection,
    // A write: one that is full, or follows another, answers pings and is of no use.
    probe: (redis) => redis.set(`${keyPrefix}probe`, '1', 'PX', PROBE_KEPT_MS),
    onChange: changed,
  });
  const { subscriber, ...fanOut } = createRedisFanOut(asking, keyPrefix);
  const listening = openRedisLink({ ...connection, ...subscriber, onChange: changed });
  return {
    calls: createRedisRateLimiter(asking, keyPrefix),
    fanOut,
    close() {
      asking.close();
      listening.close();
    },
  };
}
