// Owns the administration of managed wallets as a whole.
import type { ManagedWallets, ManagedWalletsDeps } from './managed-wallets-contract.ts';
import { createWallet } from './wallets/create-wallet.ts';
import { destroyWallet } from './wallets/destroy-wallet.ts';
import { exportWallet } from './wallets/export-wallet.ts';
import { importWallet } from './wallets/import-wallet.ts';
import { noteKeyDestroyed } from './wallets/note-key.ts';
import { proposeAction, voteForAction } from './wallets/proposals.ts';
import { createTemplateStates } from './wallets/template-states.ts';
import { createWalletTurns } from './wallets/wallet-turns.ts';

export function createManagedWallets(given: ManagedWalletsDeps): ManagedWallets {
  const deps = { ...given, turns: createWalletTurns(given.answerWithinMs) };
  const templateStates = createTemplateStates(deps);
  return {
    quorum: deps.quorum,
    createWallet: (by, ask, signal) => createWallet(deps, by, ask, signal),
    listWallets: (page) => deps.store.list(page),
    listTemplates: templateStates.list,
    propose: (by, ask) => proposeAction(deps, by, ask),
    vote: (by, proposalId, reason) => voteForAction(deps, by, { proposalId, reason }),
    listProposals: (filter) => deps.store.listProposals(filter),
    destroyWallet: (by, proposalId, signal) => destroyWallet(deps, by, proposalId, signal),
    noteKeyDestroyed: (by, ask) => noteKeyDestroyed(deps, by, ask),
    exportWallet: (by, proposalId, signal) => exportWallet(deps, by, proposalId, signal),
    importWallet: (by, proposalId, privateKey, signal) => importWallet(deps, by, { proposalId, privateKey }, signal),
  };
}
