// Owns what the tests of `countersign wallets` have in common: a managed wallet, a proposal about it, and the command against a control plane.
import type { ManagedWallet, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import type { Plane } from '../../rpc/testing/planes.ts';
import { OPERATOR, WALLET } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from './fake-terminal.ts';

export const PROPOSAL_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
export const UNTIL = Date.parse('2033-05-18T03:33:20.000Z');
export const MADE = 1_700_000_000_000;

export const HOT: ManagedWallet = {
  walletId: 'hot-1',
  template: 'hot',
  backend: 'vault-transit',
  state: 'ACTIVE',
  label: 'hot-1-0123abcd',
  key: { address: WALLET, reference: {} },
  createdBy: 'olga',
  createdAt: MADE,
  destroyedAt: null,
  keyDestroyedDetail: null,
  keyNote: null,
};

/** With a vote of each of these. */
export function proposalOf(change: Partial<WalletProposal>, ...voters: readonly string[]): WalletProposal {
  return {
    proposalId: PROPOSAL_ID,
    walletId: 'hot-1',
    terms: { action: 'destroy' },
    reason: 'why',
    proposedBy: 'olga',
    proposedAt: 1,
    expiresAt: UNTIL,
    votes: voters.map((operatorId) => ({ operatorId, reason: 'why', at: 1, counts: true })),
    carriedOutAt: null,
    ...change,
  };
}

export async function runWallets({ address, principals }: Plane, ...args: readonly string[]) {
  const env = { COUNTERSIGN_CONTROL_ADDRESS: address, COUNTERSIGN_API_KEY: principals.add(OPERATOR) };
  const terminal = fakeTerminal(env);
  const code = await terminal.run('wallets', ...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}
