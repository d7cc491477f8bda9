// Owns methods about the cluster itself: version, slots, epochs, genesis.
import { createHash } from 'node:crypto';
import { encodeBase58 } from '../../base58.ts';
import { type Chain, SLOTS_PER_EPOCH } from '../chain.ts';
import { commitmentOfConfig, configAt, listAt, type Params, u64At } from '../params.ts';
import { API_VERSION, type Methods } from './method.ts';

/** The same for every local chain, so that a data directory recognises it after a restart. */
const LOCALNET_GENESIS_HASH = encodeBase58(createHash('sha256').update('countersign localnet').digest());

/** Longest span of slots that getRecentPrioritizationFees looks back. */
const FEE_SLOTS = 20;

export const clusterMethods: Methods = {
  getHealth: () => 'ok',
  getVersion: () => ({ 'solana-core': API_VERSION, 'feature-set': 0 }),
  getIdentity: () => ({ identity: LOCALNET_GENESIS_HASH }),
  getGenesisHash: () => LOCALNET_GENESIS_HASH,
  getSlot: (chain, params) => chain.clock.slot(commitmentOfConfig(chain, configAt(params, 0))),
  getBlockHeight: (chain, params) => chain.clock.blockHeight(commitmentOfConfig(chain, configAt(params, 0))),
  getTransactionCount: (chain) => chain.landed.count(),
  getEpochInfo,
  getEpochSchedule: () => ({
    slotsPerEpoch: SLOTS_PER_EPOCH,
    leaderScheduleSlotOffset: SLOTS_PER_EPOCH,
    warmup: false,
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
  }),
  getMinimumBalanceForRentExemption: (chain, params) =>
    chain.svm.minimumBalanceForRentExemption(u64At(params[0], 'data length')),
  getRecentPrioritizationFees: (chain, params) => {
    listAt(params[0] ?? [], 'addresses', 128);
    const newest = chain.clock.slot('processed');
    return Array.from({ length: FEE_SLOTS }, (_, back) => ({ slot: newest - BigInt(back), prioritizationFee: 0 }));
  },
};

function getEpochInfo(chain: Chain, params: Params): unknown {
  const commitment = commitmentOfConfig(chain, configAt(params, 0));
  const absoluteSlot = chain.clock.slot(commitment);
  return {
    absoluteSlot,
    blockHeight: chain.clock.blockHeight(commitment),
    epoch: absoluteSlot / SLOTS_PER_EPOCH,
    slotIndex: absoluteSlot % SLOTS_PER_EPOCH,
    slotsInEpoch: SLOTS_PER_EPOCH,
    transactionCount: chain.landed.count(),
  };
}
