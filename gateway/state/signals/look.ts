// Owns when something is looked at again: one look at a time, and no more of them than is good for the database, however often it is asked.

export interface Look {
  /** Sees what was committed before this call: now, or when the look under way has ended. */
  wake(): void;
  /** A look that is under way will do. */
  tick(): void;
  stop(): void;
}

/** From the beginning of one look to that of the next, milliseconds. */
const LEAST_GAP_MS = 10;

/** What `read` throws is dropped: whoever needs the database meets that itself. */
export function createLook(read: () => Promise<void>): Look {
  let state: 'idle' | 'waiting' | 'looking' | 'looking, then again' = 'idle';
  let began = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  function look(): void {
    clearTimeout(timer);
    state = 'looking';
    began = performance.now();
    void read()
      .catch(() => undefined)
      .finally(() => {
        const again = state === 'looking, then again';
        state = 'idle';
        if (again) wake();
      });
  }
  function wake(): void {
    if (state === 'looking') state = 'looking, then again';
    if (state !== 'idle') return;
    const pause = began + LEAST_GAP_MS - performance.now();
    if (pause <= 0) {
      look();
    } else {
      state = 'waiting';
      timer = setTimeout(look, pause).unref();
    }
  }
  return {
    wake,
    tick() {
      if (state === 'idle' || state === 'waiting') look();
    },
    stop() {
      clearTimeout(timer);
      if (state === 'waiting') state = 'idle';
    },
  };
}
