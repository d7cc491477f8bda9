// Owns the question whether the wallet's signature was needed: then what it let leave an account counts for the wallet.
import { AccountRole, downgradeRoleToNonSigner, type Instruction } from '@solana/kit';
import type { Address } from '../../gateway/core/address.ts';
import type { Execution } from './execution.ts';

/** The same instructions, without the wallet's signature; `null` where it does not sign any. */
export function withoutSignature(instructions: readonly Instruction[], wallet: Address): readonly Instruction[] | null {
  let signs = false;
  const changed = instructions.map((instruction) => ({
    ...instruction,
    accounts: (instruction.accounts ?? []).map(({ address, role }) => {
      if (address !== wallet || role < AccountRole.READONLY_SIGNER) return { address, role };
      signs = true;
      return { address, role: downgradeRoleToNonSigner(role) };
    }),
  }));
  return signs ? changed : null;
}

/**
 * For an execution that fails without the wallet's signature. What leaves an account that does not itself sign was let go by whoever
 * signs, so it must be among the wallet's outflows, unless it reaches the wallet or stays with whom it belongs to.
 */
export function uncounted({ decoded, effects }: Execution, wallet: Address): readonly string[] {
  const signers = new Set(decoded.accounts.filter(({ signer }) => signer).map(({ address }) => address));
  const drawn = new Map<string, bigint>();
  for (const { asset, amount, source, sourceOwner, destination, recipient } of effects.transfers) {
    const stays = source === destination || recipient === wallet || recipient === sourceOwner;
    if (signers.has(source) || stays) continue;
    drawn.set(asset, (drawn.get(asset) ?? 0n) + amount);
  }
  return [...drawn].flatMap(([asset, amount]) => {
    const counted = effects.outflows.find((total) => total.asset === asset)?.amount ?? 0n;
    return counted >= amount
      ? []
      : [`by the wallet's signature ${amount} of ${asset} leave, its outflows say ${counted}`];
  });
}
