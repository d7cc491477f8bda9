// Owns the method that lists what landed with an address in it, newest first.
import type { Commitment } from '../../chain-reader.ts';
import type { Chain } from '../chain.ts';
import { commitmentOf, hasReached, type LandedStatus, type LandedTransaction } from '../landed-transactions.ts';
import { addressAt, type Config, commitmentOfConfig, configAt, type Params, signatureAt, u64At } from '../params.ts';
import { invalidParams, RpcError } from '../rpc-error.ts';
import type { Methods } from './method.ts';

const MAX_SIGNATURES = 1_000n;

export const addressHistoryMethods: Methods = { getSignaturesForAddress };

/** Of the transactions that the chain still has; `before` and `until` are left out themselves, as on a cluster. */
function getSignaturesForAddress(chain: Chain, params: Params): unknown {
  const address = addressAt(params[0], 'address');
  const config = configAt(params, 1);
  const commitment = commitmentOfConfig(chain, config);
  requireSlot(chain, config, commitment);
  const limit = u64At(config.limit ?? MAX_SIGNATURES, 'limit');
  if (limit < 1n || limit > MAX_SIGNATURES) throw invalidParams(`limit must be from 1 to ${MAX_SIGNATURES}`);
  const [before, until] = [config.before ?? null, config.until ?? null].map((signature, i) =>
    signature === null ? null : signatureAt(signature, i === 0 ? 'before' : 'until'),
  );
  const found: unknown[] = [];
  let isBelow = before === null;
  for (const status of chain.landed.newest(Number.POSITIVE_INFINITY).toReversed()) {
    if (status.signature === until || found.length >= limit) break;
    const landed = chain.landed.transaction(status.signature);
    const isListed = isBelow && hasReached(chain.clock, status.slot, commitment);
    if (isListed && landed !== undefined && names(landed, address)) found.push(signatureJson(chain, status, landed));
    isBelow ||= status.signature === before;
  }
  return found;
}

/** For a list, the node must have come so far at the commitment that is listed. */
function requireSlot(chain: Chain, config: Config, commitment: Commitment): void {
  const contextSlot = chain.clock.slot(commitment);
  if (u64At(config.minContextSlot ?? 0n, 'minContextSlot') <= contextSlot) return;
  throw new RpcError('MIN_CONTEXT_SLOT_NOT_REACHED', 'Minimum context slot has not been reached', { contextSlot });
}

function names({ transaction }: LandedTransaction, address: Uint8Array): boolean {
  return transaction.keys.some((key) => Buffer.compare(key, address) === 0);
}

function signatureJson(chain: Chain, { signature, slot, error }: LandedStatus, { blockTime }: LandedTransaction) {
  const confirmationStatus = commitmentOf(chain.clock, slot);
  return { signature, slot, err: error, memo: null, blockTime, confirmationStatus };
}
