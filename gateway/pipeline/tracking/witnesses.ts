// Owns what several nodes must each prove for themselves before it counts: that a transaction can never land.
import { type ChainReader, ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { type Fate, type LifetimeEnd, readFates, type UnusedUntil } from './fate.ts';

/**
 * Asks node after node until enough of them prove the same. A node that cannot be asked, or proves nothing, is passed over; one that shows
 * that a transaction landed keeps it from being dead. `now`: unix milliseconds. Throws ChainUnavailable when none could be asked.
 */
export async function witnessFates(
  chain: ChainReader,
  missing: readonly RequestRecord[],
  unusedUntil: (node: ChainReader) => UnusedUntil,
  now: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fate>> {
  const told = new Map<string, Fate[]>(missing.map(({ requestId }) => [requestId, []]));
  const isOneOfSeveral = chain.witnesses > 1;
  let open = missing;
  let asked = 0;
  let failure: ChainUnavailable | null = null;
  for (const node of chain.nodes()) {
    if (asked > 0 && open.length === 0) break;
    try {
      const fates = await readFates(node, open, { unusedUntil: unusedUntil(node), now, isOneOfSeveral }, signal);
      asked += 1;
      for (const { requestId } of open) told.get(requestId)?.push(fates.get(requestId) ?? { kind: 'alive' });
    } catch (error) {
      if (!(error instanceof ChainUnavailable)) throw error;
      failure = error;
    }
    open = open.filter(({ requestId }) => provedBy(told.get(requestId) ?? [], chain.witnesses) === null);
  }
  if (asked === 0) throw failure ?? new ChainUnavailable('there is no RPC node that may be asked now');
  return new Map(
    [...told].map(([requestId, fates]) => [requestId, provedBy(fates, chain.witnesses) ?? unprovedBy(fates)]),
  );
}

/** `null`: too few of them prove the same. */
function provedBy(fates: readonly Fate[], witnesses: number): Fate | null {
  const landed = fates.find(({ kind }) => kind === 'landed');
  if (landed !== undefined) return landed;
  const proofs = fates.filter((fate) => fate.kind === 'dead' || fate.kind === 'unknowable');
  const [first] = proofs;
  if (first === undefined || proofs.length < witnesses) return null;
  return { ...first, end: proofs.map(({ end }) => end).reduce(widest) };
}

/** One of them that lies can only make longer what this leaves to be searched. */
function widest(a: LifetimeEnd, b: LifetimeEnd): LifetimeEnd {
  const later = a.slot > b.slot ? a : b;
  const deeper = a.earliest < b.earliest ? a : b;
  return { slot: later.slot, earliest: deeper.earliest };
}

/** What is said of it while it is not proved: the kind that leaves most open. */
function unprovedBy(fates: readonly Fate[]): Fate {
  const said = (kind: Fate['kind']): boolean => fates.some((fate) => fate.kind === kind);
  if (said('unused_nonce')) return { kind: 'unused_nonce' };
  return { kind: said('alive') ? 'alive' : 'unproven' };
}
