// Owns a test token on the local chain: a mint, and some of it in an owner's associated token account.
import { type Address, createSolanaRpc, generateKeyPairSigner, type TransactionSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { airdrop, sendConfirmed } from './confirmed-sends.ts';

/** For rent and fees of the mint authority, who pays for everything: 1 SOL. */
const AUTHORITY_LAMPORTS = 1_000_000_000n;

export interface TestTokenRequest {
  readonly owner: Address;
  /** In base units. */
  readonly amount: bigint;
  /** Default 6. */
  readonly decimals?: number;
  /** The mint's own key; default a new one. A mint that exists already is kept, and more of it is minted. */
  readonly mint?: TransactionSigner;
  /** Who may mint; default a new key. Gets a SOL from the faucet. */
  readonly mintAuthority?: TransactionSigner;
}

export interface TestToken {
  readonly mint: Address;
  readonly decimals: number;
  /** Where the owner's tokens are: the associated token account. */
  readonly tokenAccount: Address;
  readonly mintAuthority: TransactionSigner;
}

/** Makes a token of the classic token program by ordinary transactions; resolves when they are confirmed. */
export async function createTestToken(rpcUrl: string, request: TestTokenRequest): Promise<TestToken> {
  const { owner, amount, decimals = 6 } = request;
  const mint = request.mint ?? (await generateKeyPairSigner());
  const mintAuthority = request.mintAuthority ?? (await generateKeyPairSigner());
  await airdrop(rpcUrl, mintAuthority.address, AUTHORITY_LAMPORTS);
  const [ata] = await findAssociatedTokenPda({ owner, mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  await sendConfirmed(rpcUrl, mintAuthority, [
    ...(await mintInstructions(rpcUrl, mint, mintAuthority, decimals)),
    getCreateAssociatedTokenIdempotentInstruction({ payer: mintAuthority, ata, owner, mint: mint.address }),
    getMintToInstruction({ mint: mint.address, token: ata, mintAuthority, amount }),
  ]);
  return { mint: mint.address, decimals, tokenAccount: ata, mintAuthority };
}

async function mintInstructions(
  rpcUrl: string,
  mint: TransactionSigner,
  mintAuthority: TransactionSigner,
  decimals: number,
) {
  const rpc = createSolanaRpc(rpcUrl);
  const existing = await rpc.getAccountInfo(mint.address, { commitment: 'confirmed', encoding: 'base64' }).send();
  if (existing.value !== null) return [];
  const space = BigInt(getMintSize());
  const lamports = await rpc.getMinimumBalanceForRentExemption(space).send();
  return [
    getCreateAccountInstruction({
      payer: mintAuthority,
      newAccount: mint,
      lamports,
      space,
      programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals, mintAuthority: mintAuthority.address }),
  ];
}
