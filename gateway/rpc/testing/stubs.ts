// Owns stand-ins of everything behind the listeners for tests: what a test did not plan to be called throws.
import { type ChainAccounts, type ChainReader, ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { BudgetDeps } from '../../pipeline/administration/budgets.ts';
import type { ManagedWallets } from '../../pipeline/administration/managed-wallets-contract.ts';
import type { Operations } from '../../pipeline/administration/operations.ts';
import type { SessionKeys } from '../../pipeline/administration/session-keys.ts';
import { createChainCache } from '../../pipeline/facts/chain-cache.ts';
import type { ApprovalPipeline, SigningPipeline } from '../../pipeline/pipeline-contract.ts';
import type { PolicyControl } from '../../policy/policy-control.ts';
import type { PolicyGeneration } from '../../policy/policy-engine.ts';
import type { BudgetStore } from '../../state/contract/budget-store.ts';

export function notPlanned(name: string): () => never {
  return () => {
    throw new Error(`the test did not plan a call of ${name}`);
  };
}

export const NO_BUDGETS: Pick<BudgetStore, 'list'> = { list: notPlanned('budgets.list') };

/** A policy that names these assets, and a chain that has these mints; it is away where there are none. */
export function budgetDeps(
  budgets: Pick<BudgetStore, 'list'>,
  {
    assets = new Map(),
    agentGroups = null,
    mints,
  }: Partial<Pick<PolicyGeneration, 'assets' | 'agentGroups'>> & { readonly mints?: ChainAccounts['accounts'] },
): BudgetDeps {
  const current = () => ({
    bundleRevision: 'r1',
    describedPrograms: new Map(),
    timeZones: [],
    assets,
    agentGroups,
    evaluate: notPlanned('evaluate'),
    explain: notPlanned('explain'),
  });
  const getAccounts: ChainReader['getAccounts'] = async (addresses) => {
    if (mints === undefined) throw new ChainUnavailable('the chain is away');
    return {
      slot: 1n,
      accounts: new Map(addresses.map((mint) => [mint, mints.get(mint) ?? null])),
      glimpsed: new Map(),
    };
  };
  return { state: { budgets }, policy: { current }, chain: { getAccounts }, chainCache: createChainCache() };
}

export function signingStub(planned: Partial<SigningPipeline>): SigningPipeline {
  return {
    signTransaction: notPlanned('signTransaction'),
    signAndSendTransaction: notPlanned('signAndSendTransaction'),
    signMessage: notPlanned('signMessage'),
    evaluateTransaction: notPlanned('evaluateTransaction'),
    getTransaction: notPlanned('getTransaction'),
    listTransactions: notPlanned('listTransactions'),
    watchTransaction: notPlanned('watchTransaction'),
    listWallets: notPlanned('listWallets'),
    getBudgets: notPlanned('getBudgets'),
    ...planned,
  };
}

export function approvalStub(planned: Partial<ApprovalPipeline>): ApprovalPipeline {
  return {
    listApprovals: notPlanned('listApprovals'),
    getApproval: notPlanned('getApproval'),
    lookUpApproval: notPlanned('lookUpApproval'),
    vote: notPlanned('vote'),
    withdraw: notPlanned('withdraw'),
    ...planned,
  };
}

export function policyStub(planned: Partial<PolicyControl>): PolicyControl {
  return {
    status: notPlanned('status'),
    revisions: notPlanned('revisions'),
    push: notPlanned('push'),
    download: notPlanned('download'),
    activate: notPlanned('activate'),
    rollBack: notPlanned('rollBack'),
    follow: notPlanned('follow'),
    setShadow: notPlanned('setShadow'),
    shadowReport: notPlanned('shadowReport'),
    explain: notPlanned('explain'),
    ...planned,
  };
}

export function operationsStub(planned: Partial<Operations>): Operations {
  return {
    listRequests: notPlanned('listRequests'),
    getRequest: notPlanned('getRequest'),
    watchRequest: notPlanned('watchRequest'),
    status: notPlanned('status'),
    walletStates: notPlanned('walletStates'),
    checkSigners: notPlanned('checkSigners'),
    checkRelayers: notPlanned('checkRelayers'),
    ...planned,
  };
}

export function sessionKeyStub(planned: Partial<SessionKeys>): SessionKeys {
  return {
    createFor: notPlanned('createFor'),
    createUnder: notPlanned('createUnder'),
    listOf: notPlanned('listOf'),
    listUnder: notPlanned('listUnder'),
    revoke: notPlanned('revoke'),
    revokeUnder: notPlanned('revokeUnder'),
    ...planned,
  };
}

export function managedWalletStub(planned: Partial<ManagedWallets>): ManagedWallets {
  return {
    quorum: 2,
    createWallet: notPlanned('createWallet'),
    listWallets: notPlanned('listWallets'),
    listTemplates: notPlanned('listTemplates'),
    propose: notPlanned('propose'),
    vote: notPlanned('vote'),
    listProposals: notPlanned('listProposals'),
    destroyWallet: notPlanned('destroyWallet'),
    noteKeyDestroyed: notPlanned('noteKeyDestroyed'),
    exportWallet: notPlanned('exportWallet'),
    importWallet: notPlanned('importWallet'),
    ...planned,
  };
}
