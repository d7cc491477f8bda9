// Owns what this gateway shares with its replicas and may lose: by Redis where there is one, else by itself.
import type { Config } from '../config/config.ts';
import type { FanOut } from '../replicas/fan-out.ts';
import { createLocalFanOut } from '../replicas/in-process/local-fan-out.ts';
import { createLocalRateLimiter } from '../replicas/in-process/local-rate-limiter.ts';
import type { RateLimiter } from '../replicas/rate-limiter.ts';
import { openRedis } from '../replicas/redis/open-redis.ts';
import { parseRedisUrl } from '../replicas/redis/redis-target.ts';
import { createSharedRateLimiter } from '../replicas/shared-rate-limiter.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface Replicas {
  readonly rateLimiter: RateLimiter;
  readonly fanOut: FanOut;
  close(): void;
}

/** Does not wait for Redis, which need not be there. */
export function openReplicas({ redis }: Pick<Config, 'redis'>, log: Log, metrics: Pick<Metrics, 'redis'>): Replicas {
  const own = createLocalRateLimiter({ now: () => performance.now() });
  if (redis === null) return { rateLimiter: own, fanOut: createLocalFanOut()(), close: () => undefined };
  const target = parseRedisUrl(redis.url.reveal(), redis.ca);
  if (target === null) throw new Error('the URL of Redis cannot be used');
  metrics.redis(false);
  const { calls, fanOut, close } = openRedis({
    target,
    keyPrefix: redis.keyPrefix,
    onChange(isUp, why) {
      metrics.redis(isUp);
      if (isUp) log.info({ part: 'redis' }, 'Redis answers: calls are counted with the other gateways');
      else
        log.warn({ part: 'redis', why }, 'Redis is away: each gateway counts calls by itself, and polls for changes');
    },
  });
  return { rateLimiter: createSharedRateLimiter(own, calls), fanOut, close };
}
