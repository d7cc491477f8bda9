// Owns which slot several answers together are at least as new as.

export function oldestSlot(slot: bigint, other: bigint): bigint {
  if (slot < other) return slot;
  return other;
}
