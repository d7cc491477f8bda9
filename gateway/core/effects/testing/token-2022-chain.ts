// Owns a made-up chain for Token-2022: one mint with the extensions of a test, and accounts of the wallet, a friend and a stranger.
import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import type { Address } from '../../address.ts';
import { TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import { type Chain, judge } from './judge.ts';
import { extendedAccount, extendedMint, feeConfig } from './token-2022-state.ts';

export const WALLET = keyAddress(1);
export const STRANGER = keyAddress(2);
export const FRIEND = keyAddress(3);
export const MINT = keyAddress(4);
export const OWN = keyAddress(5);
export const FRIENDS = keyAddress(7);
export const STRANGERS = keyAddress(8);
export const FRESH = keyAddress(9);
export const HOOK = keyAddress(11);
export const [ASSOCIATED] = await token.findAssociatedTokenPda({
  owner: WALLET,
  mint: MINT,
  tokenProgram: TOKEN_2022_PROGRAM,
});
export const wallet = createNoopSigner(WALLET);
export const stranger = createNoopSigner(STRANGER);

export const FEE = feeConfig({ basisPoints: 100, maximum: 50n }, { basisPoints: 250, maximum: 30n }, STRANGER, 70n);
export const WITHHOLDING = { __kind: 'TransferFeeAmount', withheldAmount: 4n } as const;

export const held = (owner: Address, extensions: readonly token.ExtensionArgs[] = [], mint = MINT): AccountState =>
  extendedAccount({ mint, owner, extensions });

export function chainOf(
  mintExtensions: readonly token.ExtensionArgs[],
  extensions: readonly token.ExtensionArgs[] = [],
): Chain {
  return [
    [MINT, extendedMint({ extensions: mintExtensions, supply: 1_000n })],
    [OWN, held(WALLET, extensions)],
    [ASSOCIATED, held(WALLET, [{ __kind: 'ImmutableOwner' }, ...extensions])],
    [FRIENDS, held(FRIEND, extensions)],
    [STRANGERS, held(STRANGER, extensions)],
  ];
}

export const PLAIN = chainOf([]);
export const WITH_FEE = chainOf([FEE], [WITHHOLDING]);

export const send = (destination: Address, amount = 1_000n, source = OWN, authority = wallet) =>
  token.getTransferCheckedInstruction({ source, mint: MINT, destination, authority, amount, decimals: 6 });

export function withAccounts(instruction: Instruction, ...addresses: readonly Address[]): Instruction {
  const further = addresses.map((address) => ({ address, role: AccountRole.READONLY }));
  return { ...instruction, accounts: [...(instruction.accounts ?? []), ...further] };
}

export const effectsOf = (instructions: readonly Instruction[], chain = PLAIN) =>
  judge(WALLET, instructions, chain).effects;
