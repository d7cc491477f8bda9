// Owns one connection to Redis that never holds anybody up: while Redis does not answer, nobody waits for it.
import { isIP } from 'node:net';
import { Redis, type RedisOptions, ReplyError } from 'ioredis';
import type { RedisTarget } from './redis-target.ts';

export interface RedisLink {
  readonly isUp: boolean;
  /** Rejects with RedisAway: at once where that is known, else when the connection fails or no answer comes in time. */
  ask(command: (redis: Redis) => Promise<unknown>): Promise<unknown>;
  close(): void;
}

export interface RedisLinkOptions {
  readonly target: RedisTarget;
  /** Asked of each new connection and then in turn: as long as it is answered, Redis is up. */
  readonly probe: (redis: Redis) => Promise<unknown>;
  /** Called when it is first known, and after each change; `why` holds no text of Redis, which may repeat what it was sent. */
  readonly onChange: (isUp: boolean, why: string) => void;
  /** Called once with the connection, before it is used. */
  readonly prepare?: (redis: Redis) => void;
  /** Milliseconds; longer than {@link ANSWER_WITHIN_MS} only where nobody waits for a signature. */
  readonly answerWithinMs?: number;
}

export const ANSWER_WITHIN_MS = 50;
const PROBE_EVERY_MS = 500;
const CONNECT_WITHIN_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that is open and dead is given up after so many. */
const PROBES_IN_VAIN = 4;

export class RedisAway extends Error {}

/** Connects in the background; it need not be there. */
export function openRedisLink(options: RedisLinkOptions): RedisLink {
  const { target, probe, onChange, prepare, answerWithinMs = ANSWER_WITHIN_MS } = options;
  const redis = new Redis(connectionOptions(target, answerWithinMs));
  let isUp: boolean | null = null;
  let closed = false;
  let inVain = 0;
  let lastFault = 'the connection was closed';
  let timer: NodeJS.Timeout | null = null;

  function become(next: boolean, why: string): void {
    if (isUp === next || closed) return;
    isUp = next;
    onChange(next, why);
  }
  async function look(): Promise<void> {
    if (redis.status !== 'ready') return;
    try {
      await inTime(probe(redis), answerWithinMs);
      inVain = 0;
      become(true, 'it answers');
    } catch (error) {
      become(false, faultName(error));
      if (++inVain < PROBES_IN_VAIN || redis.status !== 'ready') return;
      inVain = 0;
      redis.disconnect(true);
    }
  }
  async function keepLooking(): Promise<void> {
    await look();
    if (!closed) timer = setTimeout(() => void keepLooking(), PROBE_EVERY_MS).unref();
  }

  redis.on('error', (error: unknown) => {
    lastFault = faultName(error);
    become(false, lastFault);
  });
  redis.on('close', () => become(false, lastFault));
  redis.on('ready', () => void look());
  prepare?.(redis);
  // What goes wrong with the connection is told by its events.
  redis.connect().catch(() => undefined);
  void keepLooking();
  return {
    get isUp() {
      return isUp === true;
    },
    async ask(command) {
      if (isUp !== true) throw new RedisAway('Redis is away');
      try {
        return await inTime(command(redis), answerWithinMs);
      } catch (error) {
        const fault = faultName(error);
        become(false, fault);
        if (error instanceof ReplyError) throw error;
        throw new RedisAway(`Redis is away: ${fault}`, { cause: error });
      }
    },
    close() {
      closed = true;
      isUp = false;
      if (timer !== null) clearTimeout(timer);
      redis.disconnect();
    },
  };
}

class Late extends Error {}

/** What came while this process was busy itself is read before it counts as late. */
function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => reject(new Late())), withinMs);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function connectionOptions(
  { host, port, username, password, database, tls }: RedisTarget,
  answerWithinMs: number,
): Omit<RedisOptions, 'replyMapping'> {
  return {
    host,
    port,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    db: database,
    ...(tls === null ? {} : { tls: tlsOptions(host, tls.ca) }),
    // Pushed messages of RESP3 would need a server that speaks it.
    protocol: 2,
    lazyConnect: true,
    disableClientInfo: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    // Of what a new connection begins with; see `inTime`.
    commandTimeout: Math.max(CONNECT_WITHIN_MS, 2 * answerWithinMs),
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
  };
}

function tlsOptions(host: string, ca: string | null): NonNullable<RedisOptions['tls']> {
  return { minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}), ...(ca === null ? {} : { ca }) };
}

/** The error code that Redis or the system begins with; never more of what Redis says. */
function faultName(error: unknown): string {
  if (error instanceof Late) return 'it does not answer in time';
  if (!(error instanceof Error)) return 'unknown fault';
  if (error instanceof ReplyError) return /^[A-Z]{2,16}\b/.exec(error.message)?.[0] ?? 'it refuses a command';
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_]{2,48}$/.test(error.code)) return error.code;
  return error.message === 'Command timed out' ? 'it does not answer in time' : 'the connection failed';
}
