// Owns how many calls one service gets at once, and how many wait for it: a slow one takes no room from others.
import { createTurns } from './turns.ts';

export type Entry =
  /** `leave` is to be called once, whatever became of the call. */
  | { readonly kind: 'entered'; readonly leave: () => void }
  /** Too many wait already, or others had fewer waiting and the room was needed for theirs. */
  | { readonly kind: 'full' }
  /** The signal was aborted before there was room. */
  | { readonly kind: 'gave up' };

export interface Bulkhead {
  /** Callers take turns. `isBack`: it was in before, and waits again though there may be no more room to wait. */
  readonly enter: (caller: string, signal: AbortSignal, isBack?: boolean) => Promise<Entry>;
  /** Lets nobody in until it is opened; who is in stays. */
  readonly shut: () => void;
  readonly open: () => void;
  readonly inFlight: () => number;
  readonly waiting: () => number;
}

export interface BulkheadOptions {
  readonly maxInFlight: number;
  /** Calls that may wait for room. */
  readonly maxWaiting: number;
}

interface Waiter {
  readonly admit: () => void;
  readonly turnAway: () => void;
}

export function createBulkhead({ maxInFlight, maxWaiting }: BulkheadOptions): Bulkhead {
  let inFlight = 0;
  let isShut = false;
  const turns = createTurns<Waiter>();
  const hasRoom = (): boolean => !isShut && inFlight < maxInFlight;
  const fill = (): void => {
    while (hasRoom()) {
      const next = turns.next();
      if (next === undefined) return;
      next.admit();
    }
  };
  const entered = (): Entry => {
    inFlight += 1;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      inFlight -= 1;
      fill();
    };
    return { kind: 'entered', leave };
  };
  const mayWait = (caller: string): boolean => {
    if (turns.size() < maxWaiting) return true;
    const displaced = turns.displace(caller);
    displaced?.turnAway();
    return displaced !== undefined;
  };
  const waitForTurn = (caller: string, signal: AbortSignal): Promise<Entry> =>
    new Promise((resolve) => {
      const settle = (entry: Entry): void => {
        turns.remove(caller, waiter);
        signal.removeEventListener('abort', giveUp);
        resolve(entry);
      };
      const giveUp = (): void => settle({ kind: 'gave up' });
      const waiter = { admit: () => settle(entered()), turnAway: () => settle({ kind: 'full' }) };
      turns.add(caller, waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  return {
    enter: async (caller, signal, isBack = false) => {
      if (signal.aborted) return { kind: 'gave up' };
      if (hasRoom()) return entered();
      return isBack || mayWait(caller) ? waitForTurn(caller, signal) : { kind: 'full' };
    },
    shut: () => {
      isShut = true;
    },
    open: () => {
      isShut = false;
      fill();
    },
    inFlight: () => inFlight,
    waiting: turns.size,
  };
}
