// Owns what the parts of the administration of managed wallets share: what they need, and how they look up and refuse.
import { randomBytes } from 'node:crypto';
import { assertNever } from '../../../core/assert-never.ts';
import type { AuditEntry, AuditKind } from '../../../core/audit/audit-record.ts';
import { GatewayError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest-name.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type {
  ManagedWallet,
  WalletAction,
  WalletActionTerms,
  WalletProposal,
} from '../../../core/wallet/managed-wallet.ts';
import type { WalletChangeResult } from '../../../state/contract/managed-wallet-store.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import type { ManagedWalletsDeps } from '../managed-wallets-contract.ts';
import type { WalletTurns } from './wallet-turns.ts';

export interface WalletDeps extends ManagedWalletsDeps {
  readonly turns: WalletTurns;
}

/** A wrong name is held against so many right ones. */
const MOST_COMPARED = 1_000;

/** Throws WALLET_TEMPLATE_NOT_FOUND. */
export function templateNamed(deps: Pick<WalletDeps, 'templates'>, name: string): ManagedTemplate {
  const template = deps.templates.get(name);
  if (template !== undefined) return template;
  const names = [...deps.templates.keys()].sort();
  throw new GatewayError(
    'WALLET_TEMPLATE_NOT_FOUND',
    names.length === 0
      ? 'the configuration has no wallet_templates: add one, and restart the gateway'
      : `template: there is no ${quoted(name)} among the wallet_templates of the configuration${didYouMean(name, names)}; there are ${names.join(', ')}`,
  );
}

/** Throws WALLET_NOT_FOUND. */
export async function walletOf({ store }: Pick<WalletDeps, 'store'>, walletId: string): Promise<ManagedWallet> {
  const wallet = await store.find(walletId);
  if (wallet !== null) return wallet;
  throw await noWallet(store, walletId);
}

export async function noWallet(store: WalletDeps['store'], walletId: string): Promise<GatewayError> {
  const ids = (await store.list({ after: null, limit: MOST_COMPARED })).map((wallet) => wallet.walletId);
  const meant = didYouMean(walletId, ids);
  return new GatewayError('WALLET_NOT_FOUND', `no wallet ${quoted(walletId)} was made through the gateway${meant}`);
}

export type ProposalTo<A extends WalletAction> = WalletProposal & {
  readonly terms: Extract<WalletActionTerms, { readonly action: A }>;
};

/** Throws WALLET_PROPOSAL_NOT_FOUND, INVALID_FIELD. */
export async function proposalOf<A extends WalletAction>(
  { store }: Pick<WalletDeps, 'store'>,
  proposalId: string,
  action: A,
): Promise<ProposalTo<A>> {
  const proposal = await store.findProposal(proposalId);
  if (proposal === null) throw noProposal(proposalId);
  const { walletId, terms } = proposal;
  if (isOf(terms, action)) return { ...proposal, terms };
  const message = `proposal_id must be of a proposal to ${action}; this one is to ${terms.action} ${walletId}`;
  throw new GatewayError('INVALID_FIELD', message, { metadata: { field: 'proposal_id' } });
}

function isOf<A extends WalletAction>(
  terms: WalletActionTerms,
  action: A,
): terms is Extract<WalletActionTerms, { readonly action: A }> {
  return terms.action === action;
}

export function noProposal(proposalId: string): GatewayError {
  return new GatewayError(
    'WALLET_PROPOSAL_NOT_FOUND',
    `there is no proposal ${proposalId}; ListWalletProposals has all`,
  );
}

/** Throws WALLET_PROPOSAL_NOT_FOUND, WALLET_CHANGE_REFUSED. */
export function changedWallet(result: WalletChangeResult, proposalId: string): ManagedWallet {
  switch (result.kind) {
    case 'done':
      return result.wallet;
    case 'not_found':
      throw noProposal(proposalId);
    case 'refused':
      throw refused(result.reason);
    default:
      return assertNever(result);
  }
}

export function refused(reason: string): GatewayError {
  return new GatewayError('WALLET_CHANGE_REFUSED', reason);
}

/** Of nobody else: what its key is called at the backend must be of one wallet, also where ids repeat over databases. */
export function newLabel(walletId: string): string {
  // Vault has no key whose name begins with a dash.
  const name = walletId.replace(/^-+/, '') || 'wallet';
  return `${name}-${randomBytes(4).toString('hex')}`;
}

export function auditEntry(
  { now }: Pick<WalletDeps, 'now'>,
  kind: AuditKind,
  by: Operator,
  facts: AuditEntry['facts'],
): AuditEntry {
  return { kind, time: now(), requestId: null, actor: by.id, facts };
}

/** What the audit chain says of what is proposed. */
export function termFacts(terms: WalletActionTerms): AuditEntry['facts'] {
  switch (terms.action) {
    case 'destroy':
      return { action: terms.action };
    case 'export':
      return { action: terms.action, recipient: terms.recipient };
    case 'import':
      return { action: terms.action, template: terms.template, address: terms.address };
    default:
      return assertNever(terms);
  }
}

/** A backend's exception may carry anything, secrets too: its text goes nowhere. */
export async function answerOf<T>(ask: () => Promise<T>): Promise<T | typeof NO_ANSWER> {
  try {
    return await ask();
  } catch {
    return NO_ANSWER;
  }
}

const NO_ANSWER = { kind: 'unavailable', reason: 'it failed without an answer' } as const;

export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80).toWellFormed());
}
