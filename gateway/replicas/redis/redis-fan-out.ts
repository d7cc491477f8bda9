// Owns hints between gateways by a channel of Redis. They are sent when the last ones have arrived, all that came up meanwhile at once.
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { FanOut, Hint, Topic } from '../fan-out.ts';
import { hintText, MAX_HINT_REQUESTS, parseHint } from './hint-text.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisFanOut extends FanOut {
  /** To be given to the link that subscribes. */
  readonly subscriber: {
    prepare(redis: Redis): void;
    /** Subscribes; again and again, it keeps the subscription and shows that the connection lives. */
    probe(redis: Redis): Promise<unknown>;
  };
}

/** More that wait are lost: nobody needs them who polls. */
const MAX_WAITING = 4_096;

export function createRedisFanOut(publisher: RedisLink, keyPrefix: string): RedisFanOut {
  const channel = `${keyPrefix}hints`;
  const origin = randomBytes(8).toString('hex');
  const callbacks = new Set<(hint: Hint) => void>();
  const topics = new Set<Topic>();
  const requests = new Set<string>();
  let isSending = false;

  async function sendAll(): Promise<void> {
    // What one commit changes comes up within one turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (topics.size + requests.size > 0) {
      const hint = { topics: [...topics], requests: [...requests].slice(0, MAX_HINT_REQUESTS) };
      topics.clear();
      for (const id of hint.requests) requests.delete(id);
      await publisher.ask((redis) => redis.publish(channel, hintText(origin, hint)));
    }
  }
  return {
    publish(hint) {
      if (!publisher.isUp) return;
      for (const topic of hint.topics) topics.add(topic);
      for (const id of hint.requests) if (requests.size < MAX_WAITING) requests.add(id);
      if (isSending) return;
      isSending = true;
      void sendAll()
        .catch(() => {
          topics.clear();
          requests.clear();
        })
        .finally(() => {
          isSending = false;
        });
    },
    onHint(callback) {
      const own = (hint: Hint) => callback(hint);
      callbacks.add(own);
      return () => callbacks.delete(own);
    },
    subscriber: {
      prepare(redis) {
        redis.on('message', (_channel: string, text: string) => {
          const told = parseHint(text);
          if (told === null || told.origin === origin) return;
          for (const callback of [...callbacks]) callback(told.hint);
        });
      },
      probe: (redis) => redis.subscribe(channel),
    },
  };
}
