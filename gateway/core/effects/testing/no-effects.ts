// Owns the effects of a transaction that does nothing, its fee apart, to say in tests what differs from that.
import type { Effects } from '../effects.ts';

export const NO_EFFECTS: Omit<Effects, 'fee'> = {
  transfers: [],
  outflows: [],
  outflowsByRecipient: [],
  inflows: [],
  creations: [],
  rentLamports: 0n,
  approvals: [],
  authorityChanges: [],
  closes: [],
  supplyChanges: [],
  operations: [],
  protectedBalances: [],
  mints: [],
  cpiSigners: [],
  dataAddresses: [],
  guarantees: [],
  missing: [],
};
