// Owns how many calls one service gets at once, and how many wait for it: a slow one takes no room from others.

export type Entry =
  /** `leave` is to be called once, whatever became of the call. */
  | { readonly kind: 'entered'; readonly leave: () => void }
  | { readonly kind: 'full' }
  /** The signal was aborted before there was room. */
  | { readonly kind: 'gave up' };

export interface Bulkhead {
  /** In the order of asking. */
  readonly enter: (signal: AbortSignal) => Promise<Entry>;
  readonly inFlight: () => number;
  readonly waiting: () => number;
}

export interface BulkheadOptions {
  readonly maxInFlight: number;
  /** Calls that may wait for room. */
  readonly maxWaiting: number;
}

export function createBulkhead({ maxInFlight, maxWaiting }: BulkheadOptions): Bulkhead {
  let inFlight = 0;
  /** A set keeps the order, and lets one in the middle leave at no cost. */
  const waiting = new Set<() => void>();
  const leaveOnce = (): (() => void) => {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const [next] = waiting;
      if (next === undefined) inFlight -= 1;
      else next();
    };
  };
  return {
    enter: async (signal) => {
      if (signal.aborted) return { kind: 'gave up' };
      if (inFlight < maxInFlight) {
        inFlight += 1;
        return { kind: 'entered', leave: leaveOnce() };
      }
      if (waiting.size >= maxWaiting) return { kind: 'full' };
      return new Promise((resolve) => {
        const settle = (entry: Entry): void => {
          waiting.delete(takeOver);
          signal.removeEventListener('abort', giveUp);
          resolve(entry);
        };
        // Whoever leaves hands the place on: the number in flight stays.
        const takeOver = (): void => settle({ kind: 'entered', leave: leaveOnce() });
        const giveUp = (): void => settle({ kind: 'gave up' });
        waiting.add(takeOver);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
    inFlight: () => inFlight,
    waiting: () => waiting.size,
  };
}
