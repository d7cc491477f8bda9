// Owns the money of a development environment, all of it from the local chain's faucet.
import { type Address, createSolanaRpc } from '@solana/kit';
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { createTestToken } from '../../relayer/localnet/test-token.ts';
import type { Balances } from '../../tour/stage.ts';
import type { DevelopmentKeys } from './keys.ts';
import { TOKEN_DECIMALS } from './policy-data.ts';

const ENOUGH_LAMPORTS = 100_000_000_000n;
const ENOUGH_TOKENS = 10_000n * 10n ** BigInt(TOKEN_DECIMALS);

/** The wallet gets SOL and test tokens when it runs low, the recipient an account for the token. */
export async function fundEverybody(rpcUrl: string, wallet: Address, keys: DevelopmentKeys): Promise<void> {
  const token = { mint: keys.mint, mintAuthority: keys.mintAuthority, decimals: TOKEN_DECIMALS };
  const has = await readBalances(rpcUrl, wallet, keys.mint.address);
  if (has.lamports < ENOUGH_LAMPORTS / 2n) await airdrop(rpcUrl, wallet, ENOUGH_LAMPORTS);
  if (has.tokens >= ENOUGH_TOKENS / 2n) return;
  await createTestToken(rpcUrl, { ...token, owner: wallet, amount: ENOUGH_TOKENS });
  await createTestToken(rpcUrl, { ...token, owner: keys.recipient, amount: 1n });
  // A SOL transfer must leave an account rent exempt.
  await airdrop(rpcUrl, keys.recipient, 1_000_000_000n);
}

export async function readBalances(rpcUrl: string, owner: Address, mint: Address): Promise<Balances> {
  const rpc = createSolanaRpc(rpcUrl);
  const [account] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  const [lamports, token] = await Promise.all([
    rpc.getBalance(owner, { commitment: 'confirmed' }).send(),
    rpc.getAccountInfo(account, { commitment: 'confirmed', encoding: 'base64' }).send(),
  ]);
  const state = token.value === null ? null : Buffer.from(token.value.data[0], 'base64');
  // SPL Token account: mint 32 bytes, owner 32 bytes, amount u64 little endian.
  return { lamports: lamports.value, tokens: state === null ? 0n : state.readBigUInt64LE(64) };
}
