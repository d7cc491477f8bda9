// Owns WalletService: wallets whose keys are made through the gateway, and what admins agree to do with them.
import { WalletService } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ManagedWallets } from '../../pipeline/administration/managed-wallets-contract.ts';
import { type BoundMethod, unary } from '../bound-method.ts';
import { countField, uuidField } from '../fields.ts';
import { reasonField } from '../messages/freeze.ts';
import { askedAction, idField, managedWalletMessage, proposalMessage, templateMessage } from '../messages/wallet.ts';

const { method } = WalletService;
const DEFAULT_WALLETS = 50;
const MAX_WALLETS = 200;

export function walletMethods(wallets: ManagedWallets): readonly BoundMethod<Operator>[] {
  return [...lookMethods(wallets), ...voteMethods(wallets), ...keyMethods(wallets)];
}

function lookMethods(wallets: ManagedWallets): readonly BoundMethod<Operator>[] {
  return [
    unary(method.listManagedWallets, async ({ pageSize, pageToken }) => {
      const limit = countField('page_size', pageSize, DEFAULT_WALLETS, MAX_WALLETS);
      const after = pageToken === '' ? null : idField('page_token', pageToken);
      const found = await wallets.listWallets({ limit, after });
      const last = found.length === limit ? found.at(-1) : undefined;
      return { wallets: found.map(managedWalletMessage), nextPageToken: last?.walletId ?? '' };
    }),
    unary(method.listWalletTemplates, async ({ check }) => ({
      templates: (await wallets.listTemplates({ check })).map(templateMessage),
    })),
    unary(method.listWalletProposals, async ({ includeClosed }, { principal }) => ({
      proposals: (await wallets.listProposals({ open: !includeClosed })).map(proposalMessage),
      quorum: wallets.quorum,
      caller: principal.id,
    })),
  ];
}

function voteMethods(wallets: ManagedWallets): readonly BoundMethod<Operator>[] {
  const { quorum } = wallets;
  return [
    unary(method.proposeWalletAction, async (request, { principal }) => ({
      proposal: proposalMessage(await wallets.propose(principal, askedAction(request))),
      quorum,
    })),
    unary(method.voteForWalletAction, async ({ proposalId, reason }, { principal }) => {
      const voted = await wallets.vote(principal, uuidField('proposal_id', proposalId), reasonField(reason));
      return { proposal: proposalMessage(voted), quorum };
    }),
  ];
}

function keyMethods(wallets: ManagedWallets): readonly BoundMethod<Operator>[] {
  return [
    unary(method.createWallet, async ({ wallet, template }, { principal, signal }) => {
      const ask = { walletId: idField('wallet', wallet), template: idField('template', template) };
      return { wallet: managedWalletMessage(await wallets.createWallet(principal, ask, signal)) };
    }),
    unary(method.destroyWallet, async ({ proposalId }, { principal, signal }) => {
      const { wallet, keyProblem } = await wallets.destroyWallet(principal, idOf(proposalId), signal);
      return { wallet: managedWalletMessage(wallet), keyProblem: keyProblem ?? '' };
    }),
    unary(method.noteKeyDestroyed, async ({ wallet, reason }, { principal }) => {
      const ask = { walletId: idField('wallet', wallet), reason: reasonField(reason) };
      return { wallet: managedWalletMessage(await wallets.noteKeyDestroyed(principal, ask)) };
    }),
    unary(method.exportWallet, async ({ proposalId }, { principal, signal }) => {
      const { wallet, encryptedKey } = await wallets.exportWallet(principal, idOf(proposalId), signal);
      return { wallet: managedWalletMessage(wallet), encryptedKey };
    }),
    unary(method.importWallet, async ({ proposalId, privateKey }, { principal, signal }) => {
      try {
        const wallet = await wallets.importWallet(principal, idOf(proposalId), privateKey, signal);
        return { wallet: managedWalletMessage(wallet) };
      } finally {
        // Part of the call's own bytes, which nobody reads again.
        privateKey.fill(0);
      }
    }),
  ];
}

function idOf(proposalId: string): string {
  return uuidField('proposal_id', proposalId);
}
