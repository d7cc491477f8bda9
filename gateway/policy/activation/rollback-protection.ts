// Owns why a bundle of a source may be too old to decide: whoever holds the source back, or replays it, must not win by that.
import { BundleRefused } from '../preparation/refusal.ts';

export interface Built {
  readonly revision: string;
  /** Unix milliseconds; `null`: nobody knows. */
  readonly builtAt: number | null;
}

/** Clocks of machines that build differ by less. */
const LARGEST_LEAD_MS = 24 * 60 * 60 * 1_000;

/**
 * `deciding`: what decides now, and what the source brought last. The same revision once more is never too old. Throws BundleRefused.
 */
export function refuseStale(
  candidate: Built & { readonly everActive: boolean },
  deciding: readonly Built[],
  now: number,
): void {
  const { revision, builtAt } = candidate;
  if (deciding.some((other) => other.revision === revision)) return;
  for (const other of deciding) refuseOlder(candidate, other);
  // Who builds it anew, after what decides, goes back on purpose; who replays it cannot change when it was built.
  const isBuiltAnew = deciding.length > 0 && deciding.every((other) => isLater(builtAt, other.builtAt));
  if (candidate.everActive && !isBuiltAnew) {
    throw new BundleRefused(
      'REPLACED_BEFORE',
      `policy revision ${revision} decided before and was replaced; activate it by hand, or build it anew`,
    );
  }
  if (builtAt !== null && builtAt > now + LARGEST_LEAD_MS) {
    throw new BundleRefused(
      'BUILT_IN_THE_FUTURE',
      `policy revision ${revision} says that it was built at ${time(builtAt)}, but it is ${time(now)}; is a clock wrong?`,
    );
  }
}

/** `false` where one of the times is not known. */
export function isLater(builtAt: number | null, than: number | null): boolean {
  return builtAt !== null && than !== null && builtAt > than;
}

function refuseOlder({ revision, builtAt }: Built, other: Built): void {
  if (other.builtAt === null) return;
  if (builtAt === null) {
    throw new BundleRefused(
      'OLDER_THAN_ACTIVE',
      `policy revision ${revision} does not say when it was built, so that it may be older than ${other.revision}; build it with countersign policy build`,
    );
  }
  if (builtAt < other.builtAt) {
    throw new BundleRefused(
      'OLDER_THAN_ACTIVE',
      `policy revision ${revision} was built at ${time(builtAt)}, before ${other.revision} (${time(other.builtAt)}); activate it by hand, or build it anew`,
    );
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
