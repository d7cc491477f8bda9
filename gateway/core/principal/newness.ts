// Owns who is new among operators: whoever has taken over one admin can make operators, keys of those who are there, and give them rights.
import type { Operator, Right } from './principal.ts';

export interface Newness {
  /** What is new: the operator or its key, or the first of the rights that is. */
  readonly by: 'key' | Right;
  /** Unix milliseconds; `null`: nobody knows since when there are both the operator and its key. */
  readonly until: number | null;
}

/** `waitMs`: how long it counts as new; 0: not at all. `now`: Unix milliseconds. `null`: neither it nor one of the rights is new. */
export function newnessOf(
  { since, gained }: Operator,
  rights: readonly Right[],
  waitMs: number,
  now: number,
): Newness | null {
  if (waitMs === 0) return null;
  for (const right of rights) {
    const until = (gained?.[right] ?? Number.NEGATIVE_INFINITY) + waitMs;
    if (until > now) return { by: right, until };
  }
  if (since === undefined) return { by: 'key', until: null };
  return since + waitMs > now ? { by: 'key', until: since + waitMs } : null;
}
