// Owns the room that one service has for all that ask it, by whatever key: so many calls at once, and none while it rests.
import { type Bulkhead, type BulkheadOptions, createBulkhead } from './bulkhead.ts';
import { type GuardClock, REAL_CLOCK } from './guard-clock.ts';
import { createRest, type Rest } from './rest.ts';

export interface ServiceRoom {
  readonly limits: BulkheadOptions;
  readonly bulkhead: Bulkhead;
  readonly rest: Rest;
}

export function createServiceRoom(limits: BulkheadOptions, clock: GuardClock = REAL_CLOCK): ServiceRoom {
  const bulkhead = createBulkhead(limits);
  return { limits, bulkhead, rest: createRest(bulkhead, clock) };
}
