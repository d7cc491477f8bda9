// Owns how many keystores this process opens or seals at once: each takes much memory and a thread, which others need too.

export interface DerivationRoom {
  /** In the order of asking. `bytes`: that it takes meanwhile; more than there is runs alone. */
  run<T>(bytes: number, derive: () => Promise<T>): Promise<T>;
}

export function createDerivationRoom(limits: { readonly bytes: number; readonly atOnce: number }): DerivationRoom {
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  let [bytesInUse, running] = [0, 0];
  const fill = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const fits = running < limits.atOnce && bytesInUse + next.bytes <= limits.bytes;
      if (running > 0 && !fits) return;
      waiting.shift();
      bytesInUse += next.bytes;
      running += 1;
      next.enter();
    }
  };
  return {
    async run(bytes, derive) {
      const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
      waiting.push({ bytes, enter });
      fill();
      await entered;
      try {
        return await derive();
      } finally {
        bytesInUse -= bytes;
        running -= 1;
        fill();
      }
    },
  };
}
