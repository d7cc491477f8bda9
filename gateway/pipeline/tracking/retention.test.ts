import { expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { retain } from './retention.ts';

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

/** A record that still holds so many that may go. */
function scene(left: { audit: number; requests: number; sessionKeys?: number }, requestsDays: number | null = 2) {
  const removed: [string, number][] = [];
  const asked: number[] = [];
  const warnings: unknown[] = [];
  const take = (what: 'audit' | 'requests' | 'sessionKeys', limit: number) => {
    const count = Math.min(left[what] ?? 0, limit);
    left[what] = (left[what] ?? 0) - count;
    return Promise.resolve(count);
  };
  const deps = {
    retention: {
      deletePrunedAudit: (limit: number) => take('audit', limit),
      deleteRequests: (olderThanMs: number, limit: number) => {
        asked.push(olderThanMs);
        return take('requests', limit);
      },
      deleteSessionKeys: (expiredForMs: number, limit: number) => {
        asked.push(expiredForMs);
        return take('sessionKeys', limit);
      },
    },
    requestsDays,
    sessionKeysDays: 30,
    removed: (what: string, count: number) => removed.push([what, count]),
    warn: (_: string, facts: unknown) => warnings.push(facts),
  };
  return { deps, removed, asked, warnings, left };
}

it('removes all that may go, in steps, and tells how much', async () => {
  const { deps, removed, asked } = scene({ audit: 1_200, requests: 500, sessionKeys: 7 });
  await retain(deps, NEVER);
  expect(removed).toEqual([
    ['audit_records', 500],
    ['audit_records', 500],
    ['audit_records', 200],
    ['session_keys', 7],
    ['requests', 500],
  ]);
  expect(asked).toEqual([30 * DAY_MS, 2 * DAY_MS, 2 * DAY_MS]);
});

it('keeps requests for ever where nothing else is said', async () => {
  const { deps, asked, left } = scene({ audit: 1, requests: 1, sessionKeys: 1 }, null);
  await retain(deps, NEVER);
  expect(asked).toEqual([30 * DAY_MS]);
  expect(left).toEqual({ audit: 0, requests: 1, sessionKeys: 0 });
});

it('leaves what is too much for one round to the next', async () => {
  const { deps, left } = scene({ audit: 0, requests: 40_000 });
  await retain(deps, NEVER);
  expect(left.requests).toBe(10_000);
});

it('begins no step once it is told to stop', async () => {
  const stopping = new AbortController();
  const { deps, left } = scene({ audit: 1_500, requests: 10 });
  await retain({ ...deps, removed: () => stopping.abort() }, stopping.signal);
  expect(left).toEqual({ audit: 1_000, requests: 10 });
});

it('tells of a store that is away, and does not throw', async () => {
  const { deps, warnings } = scene({ audit: 0, requests: 0 });
  const away = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'away'));
  await retain({ ...deps, retention: { ...deps.retention, deletePrunedAudit: away } }, NEVER);
  expect(warnings).toEqual([{ fault: 'STORE_UNAVAILABLE' }]);
});
