// Owns how an admin makes a wallet: the intent, then the key, then its use.
import { assertNever } from '../../../core/assert-never.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { BeginAsk } from '../../../state/contract/managed-wallet-store.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import type { CreateAsk } from '../managed-wallets-contract.ts';
import { bringIntoUse } from './bring-into-use.ts';
import { answerOf, auditEntry, newLabel, refused, templateNamed, type WalletDeps } from './wallet-deps.ts';

export async function createWallet(
  deps: WalletDeps,
  by: Operator,
  { walletId, template: name }: CreateAsk,
  signal: AbortSignal,
): Promise<ManagedWallet> {
  const template = templateNamed(deps, name);
  return deps.turns.take(walletId, signal, async (bounded) => {
    const wallet = await begun(deps, by, { walletId, template, proposal: null });
    if (wallet.state === 'ACTIVE') return wallet;
    const answer = await answerOf(() => template.creator.create(wallet.label, bounded));
    return bringIntoUse(deps, { by, wallet, template, kind: 'wallet.created', proposalId: null }, answer, bounded);
  });
}

/** The wallet with its label, CREATING or ACTIVE. Throws WALLET_CHANGE_REFUSED. */
export async function begun(
  deps: WalletDeps,
  by: Operator,
  ask: Pick<BeginAsk, 'walletId' | 'proposal'> & { readonly template: ManagedTemplate },
): Promise<ManagedWallet> {
  const { walletId, template, proposal } = ask;
  const { name, backend, maxWallets } = template;
  const label = newLabel(walletId);
  const facts = {
    wallet: walletId,
    template: name,
    backend,
    label,
    ...(proposal === null ? {} : { proposal_id: proposal.proposalId, quorum: BigInt(proposal.quorum) }),
  };
  const result = await deps.store.begin(
    { walletId, template: name, backend, label, createdBy: by.id, maxWallets, proposal },
    auditEntry(deps, 'wallet.creation_begun', by, facts),
  );
  switch (result.kind) {
    case 'begun':
      return result.wallet;
    case 'refused':
      throw refused(result.reason);
    default:
      return assertNever(result);
  }
}
