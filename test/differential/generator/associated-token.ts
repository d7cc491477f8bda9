// Owns random Associated Token Account instructions under both token programs.
import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { ASSOCIATED_TOKEN_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { associated, type NestedPlan, type World } from '../world.ts';
import { anySigner, type Step } from './plan.ts';

export async function drawAssociated(random: SeededRandom, world: World): Promise<Step> {
  if (random.chance(25)) return [recoverNested(random.pick(world.nested), world.wallet)];
  const { program: tokenProgram, mints, multisigs } = random.pick([world.classic, world.extended]);
  const owner = random.pick([world.wallet, ...world.others, randomAddress(random), random.pick(multisigs).address]);
  const { address: mint } = random.pick(mints);
  const ata = await associated(owner, mint, tokenProgram);
  const accounts = { payer: anySigner(random, world), ata, owner, mint, tokenProgram };
  const create = random.pick([
    token.getCreateAssociatedTokenInstruction,
    token.getCreateAssociatedTokenIdempotentInstruction,
    token.getCreateAssociatedTokenIdempotentInstruction,
  ])(accounts);
  const source = createNoopSigner(world.wallet);
  const fund = getTransferSolInstruction({ source, destination: ata, amount: random.pick([500n, 3_000_000n]) });
  return random.pick<Step>([[create], [create], [create, fund], [fund, create], [create, create]]);
}

/** The published client knows no second token program. */
function recoverNested(plan: NestedPlan, wallet: Address): Instruction {
  const { tokens, nestedTokens, nested, nestedMint, ownerAccount, ownerMint, destination } = plan;
  const { accounts, data } = token.getRecoverNestedAssociatedTokenInstruction({
    nestedAssociatedAccountAddress: nested,
    nestedTokenMintAddress: nestedMint,
    destinationAssociatedAccountAddress: destination,
    ownerAssociatedAccountAddress: ownerAccount,
    ownerTokenMintAddress: ownerMint,
    walletAddress: createNoopSigner(wallet),
    tokenProgram: tokens.program,
  });
  const other = tokens === nestedTokens ? [] : [{ address: nestedTokens.program, role: 0 as const }];
  return { programAddress: ASSOCIATED_TOKEN_PROGRAM, accounts: [...accounts, ...other], data };
}
