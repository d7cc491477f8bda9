// Owns rate limits that all replicas count together in Redis.
import { ADMITTED, intervalOf, limitedFor, type Rate, type Turn } from '../rate-limiter.ts';
import type { CommonCount } from '../shared-rate-limiter.ts';
import type { RedisLink } from './redis-link.ts';

/**
 * The same algorithm as that of one process (local-rate-limiter.ts), in one step that nothing comes between, by the clock of Redis. Answers
 * the microseconds to wait; 0: admitted. Whatever else stands under the key counts as nothing, and nobody waits for more than a burst.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.pcall('GETRANGE', KEYS[1], 0, 31)
local due = 0
if type(stored) == 'string' and string.match(stored, '^%d+$') then due = tonumber(stored) end
due = math.min(math.max(due, now), now + burst * interval)
local wait = due - (burst - 1) * interval - now
if wait > 0 then return wait end
due = due + interval
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return 0
`;

export function createRedisRateLimiter(link: RedisLink, keyPrefix: string): CommonCount {
  return {
    async take(key, rate) {
      const interval = intervalOf(rate);
      const answer = await link.ask(async (redis) => {
        const wait = await redis.eval(TAKE, 1, `${keyPrefix}rate:${key}`, interval, rate.burst);
        return checkedWait(wait, rate);
      });
      return turnAfter(answer);
    },
  };
}

function checkedWait(wait: unknown, rate: Rate): number {
  const longest = rate.burst * intervalOf(rate);
  if (typeof wait === 'number' && Number.isInteger(wait) && wait >= 0 && wait <= longest) return wait;
  throw new Error('Redis answers what the script cannot');
}

function turnAfter(wait: unknown): Turn {
  return typeof wait === 'number' && wait > 0 ? limitedFor(wait) : ADMITTED;
}
