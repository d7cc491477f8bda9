// Owns who of those that wait is next: callers take turns, so that one with many calls does not keep others waiting.

export interface Turns<T> {
  readonly size: () => number;
  readonly add: (caller: string, call: T) => void;
  readonly remove: (caller: string, call: T) => void;
  /** Takes out who is next: of the caller whose turn it is, the first that asked. */
  readonly next: () => T | undefined;
  /** Makes room for a call of `caller`: takes out the latest of the caller that has most, if that still leaves it no fewer than `caller` has then. */
  readonly displace: (caller: string) => T | undefined;
}

export function createTurns<T>(): Turns<T> {
  /** By caller, whose turn it is first. A set keeps the order, and lets one in the middle leave at no cost. None is empty. */
  const lines = new Map<string, Set<T>>();
  let size = 0;
  const remove = (caller: string, call: T): void => {
    const line = lines.get(caller);
    if (line?.delete(call) !== true) return;
    size -= 1;
    if (line.size === 0) lines.delete(caller);
  };
  return {
    size: () => size,
    add: (caller, call) => {
      const line = lines.get(caller);
      if (line === undefined) lines.set(caller, new Set([call]));
      else line.add(call);
      size += 1;
    },
    remove,
    next: () => {
      for (const [caller, line] of lines) {
        for (const call of line) {
          remove(caller, call);
          // To the end, behind all others.
          if (lines.delete(caller)) lines.set(caller, line);
          return call;
        }
      }
      return undefined;
    },
    displace: (caller) => {
      const own = lines.get(caller)?.size ?? 0;
      const [longest] = [...lines].sort(([, a], [, b]) => b.size - a.size);
      if (longest === undefined || longest[1].size < own + 2) return undefined;
      const [most, line] = longest;
      const latest = [...line].at(-1);
      if (latest !== undefined) remove(most, latest);
      return latest;
    },
  };
}
