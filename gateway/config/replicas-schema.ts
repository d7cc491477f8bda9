// Owns the schema of what replicas share and may lose: Redis, and how many calls one caller may make.
import * as z from 'zod';

const rate = (perMinute: number, burst: number, what: string) =>
  z
    .strictObject({
      per_minute: z.int().min(1).max(6_000_000).default(perMinute).describe(`${what} a minute.`),
      burst: z.int().min(1).max(100_000).default(burst).describe(`${what} at once.`),
    })
    .prefault({});

const agentRate = z.strictObject({
  agent: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, { error: 'must be 1 to 64 of a-z, 0-9 and dash' })
    .describe('Its id.'),
  per_minute: z.int().min(1).max(6_000_000).describe('Calls a minute.'),
  burst: z.int().min(1).max(100_000).describe('Calls at once.'),
});

export const rateLimitsSchema = z
  .strictObject({
    agent: rate(6_000, 200, 'Calls').describe('Each agent, with all its keys together.'),
    agents: z.array(agentRate).max(10_000).default([]).describe('Agents with limits of their own.'),
    operator: rate(3_000, 200, 'Calls').describe('Each operator, with all its keys together.'),
    failed_attempts: rate(60, 30, 'Attempts').describe(
      'Calls from one address (of IPv6, one /64) whose credentials are missing or wrong, or for another listener. Counted by each ' +
        'gateway by itself. Who got in lately gets in all the same.',
    ),
  })
  .prefault({})
  .describe('How often one caller may call; the next calls are answered RESOURCE_EXHAUSTED, with the time to wait.');

export const redisSchema = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe('redis:// or rediss:// URL without a password. With one, give REDIS_URL or `url_file` instead.'),
    url_file: z.string().min(1).max(4096).optional().describe('File that holds the URL.'),
    ca_file: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('PEM file with the authorities that a rediss:// server is checked by, instead of those of the system.'),
    allow_plaintext: z
      .boolean()
      .default(false)
      .describe(
        'Let redis:// go off this machine. Its password, and the ids of agents and requests, are then read by who listens.',
      ),
    key_prefix: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, { error: 'must be 1 to 64 printable ASCII characters without a space' })
      .default('countersign:')
      .describe(
        'Begins every key and channel. Gateways on one database need the same; others on the same Redis, another.',
      ),
  })
  .prefault({})
  .describe(
    'What replicas share and may lose: how often somebody called, and hints that something changed. `url`, `url_file`, or neither.',
  );
