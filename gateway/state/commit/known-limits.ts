// Owns which statements of limits this process has written down already: they change with the policy only, and most commits have none.
import type { Limit } from '../../core/decision/decision.ts';

export interface KnownLimits {
  has(budget: string, limit: Limit, bundleRevision: string): boolean;
  add(budget: string, limit: Limit, bundleRevision: string): void;
}

const MOST = 50_000;

export function createKnownLimits(): KnownLimits {
  const known = new Set<string>();
  return {
    has: (budget, limit, bundleRevision) => known.has(nameOf(budget, limit, bundleRevision)),
    add(budget, limit, bundleRevision) {
      // Written once more than needed is no harm.
      if (known.size >= MOST) known.clear();
      known.add(nameOf(budget, limit, bundleRevision));
    },
  };
}

function nameOf(budget: string, { id, max }: Limit, bundleRevision: string): string {
  return `${budget} ${id} ${max} ${bundleRevision}`;
}
