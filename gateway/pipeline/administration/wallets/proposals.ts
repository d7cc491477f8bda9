// Owns what admins may propose to do with managed wallets, and their votes: a slip is refused before anybody votes for it.
import { assertNever } from '../../../core/assert-never.ts';
import { parseAddress } from '../../../core/base58.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import {
  WALLET_PROPOSAL_LIFE_MS,
  type WalletActionTerms,
  type WalletProposal,
} from '../../../core/wallet/managed-wallet.ts';
import type { ProposalResult } from '../../../state/contract/managed-wallet-store.ts';
import type { ProposalAsk } from '../managed-wallets-contract.ts';
import { refuseNewcomer } from '../refuse-newcomer.ts';
import { exporterOfWallet, importerOf } from './key-permissions.ts';
import { isRecipient } from './seal-key.ts';
import {
  auditEntry,
  noProposal,
  noWallet,
  quoted,
  refused,
  termFacts,
  type WalletDeps,
  walletOf,
} from './wallet-deps.ts';

export async function proposeAction(deps: WalletDeps, by: Operator, ask: ProposalAsk): Promise<WalletProposal> {
  const { walletId, terms, reason } = ask;
  await refuseNewcomer(by, deps);
  await mustBePossible(deps, walletId, terms);
  const proposalId = deps.newId();
  const facts = { proposal_id: proposalId, wallet: walletId, ...termFacts(terms), reason, quorum: BigInt(deps.quorum) };
  const result = await deps.store.propose(
    { proposalId, walletId, terms, reason, proposedBy: by.id, lifeMs: WALLET_PROPOSAL_LIFE_MS },
    auditEntry(deps, 'wallet.action_proposed', by, facts),
  );
  return recorded(result, refused, () => noWallet(deps.store, walletId));
}

export async function voteForAction(
  deps: WalletDeps,
  by: Operator,
  { proposalId, reason }: { readonly proposalId: string; readonly reason: string },
): Promise<WalletProposal> {
  await refuseNewcomer(by, deps);
  const proposal = await deps.store.findProposal(proposalId);
  if (proposal === null) throw noProposal(proposalId);
  const { walletId, terms } = proposal;
  const facts = { proposal_id: proposalId, wallet: walletId, ...termFacts(terms), reason, quorum: BigInt(deps.quorum) };
  const result = await deps.store.vote(
    { proposalId, operatorId: by.id, reason },
    auditEntry(deps, 'wallet.action_voted', by, facts),
  );
  const notCounted = (why: string) => new GatewayError('VOTE_REFUSED', `the vote was not counted: ${why}`);
  return recorded(result, notCounted, () => noProposal(proposalId));
}

async function recorded(
  result: ProposalResult,
  whereRefused: (why: string) => GatewayError,
  whereNotFound: () => GatewayError | Promise<GatewayError>,
): Promise<WalletProposal> {
  switch (result.kind) {
    case 'recorded':
      return result.proposal;
    case 'not_found':
      throw await whereNotFound();
    case 'refused':
      throw whereRefused(result.reason);
    default:
      return assertNever(result);
  }
}

/** As far as that shows now; it is looked at again when it is carried out. */
async function mustBePossible(deps: WalletDeps, walletId: string, terms: WalletActionTerms): Promise<void> {
  switch (terms.action) {
    case 'destroy':
      await walletOf(deps, walletId);
      return;
    case 'export':
      exporterOfWallet(deps, await walletOf(deps, walletId));
      if (!(await isRecipient(terms.recipient))) throw noRecipient(terms.recipient);
      return;
    case 'import': {
      importerOf(deps, terms.template);
      if (parseAddress(terms.address) === null)
        throw invalid('address', 'a public key of 32 bytes in base58', quotedOrNothing(terms.address));
      const holder = deps.holderOf(terms.address);
      if (holder !== null) throw refused(`the address ${terms.address} is that of ${holder} already`);
      return;
    }
    default:
      assertNever(terms);
  }
}

function noRecipient(text: string): GatewayError {
  const expected = 'an age recipient of an X25519 key, `age1` and 58 characters, as age-keygen prints it';
  // The secret half of such a key is easily taken for the other; nobody else may read it.
  const isIdentity = /AGE-SECRET-KEY/i.test(text);
  return invalid('recipient', expected, isIdentity ? 'an age identity, which is secret' : quotedOrNothing(text));
}

function invalid(field: string, expected: string, found: string): GatewayError {
  return new GatewayError('INVALID_FIELD', `${field} must be ${expected}; found ${found}; nothing was proposed`, {
    metadata: { field, expected, found },
  });
}

function quotedOrNothing(text: string): string {
  return text === '' ? 'nothing' : quoted(text);
}
