// Owns which statements of limits this process has written down already: they change with the policy only, and most commits have none.

/** Statements by name: of a budget, a limit, its maximum and the revision that states it. */
export interface KnownLimits {
  has(name: string): boolean;
  add(name: string): void;
}

const MOST = 50_000;

export function createKnownLimits(): KnownLimits {
  const known = new Set<string>();
  return {
    has: (name) => known.has(name),
    add(name) {
      // Written once more than needed is no harm.
      if (known.size >= MOST) known.clear();
      known.add(name);
    },
  };
}
