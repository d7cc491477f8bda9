// Owns random Address Lookup Table instructions.
import { createNoopSigner, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { RECENT_SLOT } from '../world/lookup-tables.ts';
import type { World } from '../world.ts';
import { anyDestination, anySigner, type Step } from './plan.ts';

export function drawLookupTable(random: SeededRandom, world: World): Step {
  if (random.chance(35)) {
    const { authority, address } = random.pick(world.tables.future);
    const payer = anySigner(random, world);
    const create = tables.getCreateLookupTableInstruction({ address, authority, payer, recentSlot: RECENT_SLOT });
    const extend = tables.getExtendLookupTableInstruction({
      ...{ address: address[0], authority: createNoopSigner(authority), payer, addresses: entries(random, world) },
    });
    return random.chance(50) ? [create] : [create, extend];
  }
  return [change(random, world)];
}

function change(random: SeededRandom, world: World): Instruction {
  const { changed } = world.tables;
  const plan = random.pick(changed);
  const authority = createNoopSigner(plan.authority ?? world.wallet);
  const { address } = plan;
  switch (random.below(5)) {
    case 0:
      return tables.getFreezeLookupTableInstruction({ address, authority });
    case 1:
      return tables.getDeactivateLookupTableInstruction({ address, authority });
    case 2: {
      const closable = random.pick(changed.filter(({ deactivated }) => deactivated));
      return tables.getCloseLookupTableInstruction({
        address: closable.address,
        authority: createNoopSigner(closable.authority ?? world.wallet),
        recipient: anyDestination(random, world),
      });
    }
    default:
      return tables.getExtendLookupTableInstruction({
        ...{ address, authority, payer: anySigner(random, world), addresses: entries(random, world) },
      });
  }
}

function entries(random: SeededRandom, world: World) {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick([world.wallet, randomAddress(random)]));
}
