// Owns the end of what was opened: everything that is open is closed once, the last first, whatever fails meanwhile.

export interface Closing {
  add(close: () => Promise<void>): void;
  /** Waits for all; throws the first failure only after every part has opened or failed, so that all can be closed. */
  allOrNothing<T extends readonly unknown[]>(parts: { [K in keyof T]: Promise<T[K]> }): Promise<T>;
  close(): Promise<void>;
}

export function createClosing(): Closing {
  const open: (() => Promise<void>)[] = [];
  return {
    add: (close) => {
      open.push(close);
    },
    allOrNothing: async (parts) => {
      await Promise.allSettled(parts);
      return Promise.all(parts);
    },
    close: async () => {
      let failure: unknown = null;
      for (let close = open.pop(); close !== undefined; close = open.pop()) {
        await close().catch((error: unknown) => {
          failure ??= error;
        });
      }
      if (failure !== null) throw failure;
    },
  };
}
