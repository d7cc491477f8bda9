// Owns hints between the parts of one process.
import type { FanOut, Hint } from '../fan-out.ts';

/** Each call joins one more member. */
export function createLocalFanOut(): () => FanOut {
  const members = new Set<Set<(hint: Hint) => void>>();
  return () => {
    const callbacks = new Set<(hint: Hint) => void>();
    members.add(callbacks);
    return {
      publish(hint) {
        const others = [...members].filter((member) => member !== callbacks).flatMap((member) => [...member]);
        // As from another process: never before the call that published has returned.
        for (const callback of others) queueMicrotask(() => callback(hint));
      },
      onHint(callback) {
        const own = (hint: Hint) => callback(hint);
        callbacks.add(own);
        return () => callbacks.delete(own);
      },
    };
  };
}
