// Owns how a node that is behind, wrong or lying sees the chain: the same chain, told otherwise.
import type { Chain } from './chain.ts';
import type { Fault } from './faults.ts';
import type { LandedStatus } from './landed-transactions.ts';

/** The error that a node tells which shows everything as failed. */
const INVENTED_ERROR = { InstructionError: [0, { Custom: 4_242 }] };

/** The chain itself where the fault changes nothing of what is told. */
export function viewOf(chain: Chain, { kind, measure }: Fault): Chain {
  const slots = BigInt(measure ?? 0);
  switch (kind) {
    case 'lag':
      return lagging(chain, slots);
    case 'wrongSlot':
      return shifted(chain, slots);
    case 'staleBlockhash':
      return {
        ...chain,
        blockhashes: { ...chain.blockhashes, newestAt: (slot) => chain.blockhashes.newestAt(slot - slots) },
      };
    case 'denyStatus':
      return withStatus(chain, () => undefined);
    case 'failStatus':
      return withStatus(chain, (status) => status && { ...status, error: INVENTED_ERROR });
    case 'claimStatus':
      return withStatus(chain, (status, signature) => ({
        signature,
        slot: smaller(status?.slot, chain.clock.slot('finalized')),
        error: null,
      }));
    case 'hang':
    case 'rateLimit':
    case 'serverError':
    case 'loseAnswer':
    case 'slow':
    case 'drop':
    case 'forkAway':
      return chain;
  }
}

function lagging(chain: Chain, slots: bigint): Chain {
  const { clock, blockhashes, landed } = chain;
  const newest = (): bigint => clock.slot('processed') - slots;
  const isKnown = (status: LandedStatus | undefined): boolean => status !== undefined && status.slot <= newest();
  return {
    ...chain,
    clock: {
      ...clock,
      slot: (commitment) => clock.slot(commitment) - slots,
      blockHeight: (commitment) => clock.blockHeight(commitment) - slots,
    },
    blockhashes: {
      ...blockhashes,
      isValid: (blockhash, slot) =>
        blockhashes.isValid(blockhash, slot) &&
        blockhashes.all().some((each) => each.blockhash === blockhash && each.slot <= slot),
    },
    landed: {
      ...landed,
      status: (signature) => (isKnown(landed.status(signature)) ? landed.status(signature) : undefined),
      transaction: (signature) => (isKnown(landed.status(signature)) ? landed.transaction(signature) : undefined),
    },
  };
}

/** Consistently: what landed, and blockhashes, are as old as they are. */
function shifted(chain: Chain, slots: bigint): Chain {
  const { clock, blockhashes, landed } = chain;
  return {
    ...withStatus(chain, (status) => status && { ...status, slot: status.slot + slots }, landed.knownFrom() + slots),
    clock: {
      ...clock,
      slot: (commitment) => clock.slot(commitment) + slots,
      blockHeight: (commitment) => clock.blockHeight(commitment) + slots,
      timeOf: (slot) => clock.timeOf(slot - slots),
    },
    blockhashes: {
      ...blockhashes,
      newestAt: (slot) => {
        const found = blockhashes.newestAt(slot - slots);
        return { ...found, slot: found.slot + slots };
      },
      isValid: (blockhash, slot) => blockhashes.isValid(blockhash, slot - slots),
    },
  };
}

type Told = (status: LandedStatus | undefined, signature: string) => LandedStatus | undefined;

function withStatus(chain: Chain, told: Told, knownFrom = chain.landed.knownFrom()): Chain {
  const { landed } = chain;
  const first = knownFrom < 0n ? 0n : knownFrom;
  return {
    ...chain,
    landed: { ...landed, knownFrom: () => first, status: (signature) => told(landed.status(signature), signature) },
  };
}

function smaller(slot: bigint | undefined, most: bigint): bigint {
  return slot !== undefined && slot < most ? slot : most;
}
