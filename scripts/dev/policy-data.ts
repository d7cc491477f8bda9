// Owns the policy data of a development environment: what the agent `trader` may do with the wallet `treasury`.
import type { Address } from '@solana/kit';

const SYSTEM = '11111111111111111111111111111111';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const ASSOCIATED_TOKEN = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';

const LAMPORTS_PER_SOL = 1_000_000_000n;

export const AGENT = 'trader';
export const WALLET = 'treasury';
export const TOKEN_DECIMALS = 6;
const TOKEN_UNIT = 10n ** BigInt(TOKEN_DECIMALS);

export function developmentPolicyData({ recipient, mint }: { readonly recipient: Address; readonly mint: Address }) {
  const rules = {
    enabled: [
      'spending_limit',
      'program_allowlist',
      'address_allowlist',
      'human_approval',
      'authority_guard',
      'fee_limit',
    ],
    spending_limit: { per_transaction: { SOL: 2n * LAMPORTS_PER_SOL, [mint]: 500n * TOKEN_UNIT } },
    program_allowlist: {
      programs: {
        [SYSTEM]: { label: 'System', instructions: ['transfer'] },
        [TOKEN]: { label: 'SPL Token', instructions: ['transfer_checked'] },
        [ASSOCIATED_TOKEN]: { label: 'Associated Token Account', instructions: ['create_idempotent'] },
        [COMPUTE_BUDGET]: { label: 'Compute Budget', instructions: ['*'] },
      },
    },
    address_allowlist: { recipients: { [recipient]: 'Alice' } },
    human_approval: {
      always: false,
      above: { SOL: LAMPORTS_PER_SOL, [mint]: 100n * TOKEN_UNIT },
      programs: {},
      quorum: 1n,
      groups: [],
      timeout_seconds: 3600n,
    },
    authority_guard: { account_owner_programs: { [TOKEN]: 'SPL Token' } },
    fee_limit: { max_fee_lamports: 100_000n, max_rent_lamports: 5_000_000n },
    enabled_for_messages: ['message_guard'],
    message_guard: { prefixes: ['localhost wants you to sign in with your Solana account:\n'] },
  };
  return { agents: { [AGENT]: { wallets: { [WALLET]: rules } } } };
}
