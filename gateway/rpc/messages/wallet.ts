// Owns how managed wallets, their templates and proposals look on the wire, and what may be asked of them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type KeyNoteSchema,
  type ManagedWalletSchema,
  type ProposeWalletActionRequest,
  type WalletProposalSchema,
  type WalletTemplateSchema,
  ManagedWalletState as WireState,
} from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import type { Address } from '../../core/address.ts';
import { assertNever } from '../../core/assert-never.ts';
import { parseAddress } from '../../core/base58.ts';
import type {
  KeyNote,
  ManagedWallet,
  ManagedWalletState,
  WalletActionTerms,
  WalletProposal,
} from '../../core/wallet/managed-wallet.ts';
import type { ProposalAsk, TemplateState } from '../../pipeline/administration/managed-wallets-contract.ts';
import { refuseField, shown, textField } from '../fields.ts';
import { reasonField } from './freeze.ts';

const ID = /^[a-z0-9-]{1,64}$/;
/** Room for recipients that are not taken, so that whoever judges them can say why. */
const MAX_RECIPIENT_BYTES = 2048;

const STATES = {
  CREATING: WireState.CREATING,
  ACTIVE: WireState.ACTIVE,
  DESTROYED: WireState.DESTROYED,
} satisfies Record<ManagedWalletState, WireState>;

/** Of a wallet or a template. */
export function idField(field: string, value: string): string {
  if (!ID.test(value)) refuseField(field, '1 to 64 of a-z, 0-9 and dash', shown(value));
  return value;
}

/** Throws INVALID_FIELD. Whether the wallet and the template are known is not said here. */
export function askedAction({ wallet, reason, action }: ProposeWalletActionRequest): ProposalAsk {
  return { walletId: idField('wallet', wallet), terms: termsOf(action), reason: reasonField(reason) };
}

function termsOf(action: ProposeWalletActionRequest['action']): WalletActionTerms {
  switch (action.case) {
    case 'destroy':
      return { action: 'destroy' };
    case 'exportKey': {
      const recipient = textField('export_key.recipient', action.value.recipient, MAX_RECIPIENT_BYTES);
      return { action: 'export', recipient };
    }
    case 'importKey': {
      const template = idField('import_key.template', action.value.template);
      return { action: 'import', template, address: keyAddress(action.value.address) };
    }
    case undefined:
      return refuseField('action', 'destroy, export_key or import_key', 'nothing');
    default:
      return assertNever(action);
  }
}

function keyAddress(value: string): Address {
  const expected = 'the address of the key, 32 bytes in base58';
  return parseAddress(value) ?? refuseField('import_key.address', expected, shown(value));
}

/** Without the reference: what it says is for signers, and some of it is a sealed key. */
export function managedWalletMessage(wallet: ManagedWallet): MessageInitShape<typeof ManagedWalletSchema> {
  const { walletId, template, backend, state, key, label, createdBy, createdAt, destroyedAt, keyNote } = wallet;
  return {
    wallet: walletId,
    template,
    state: STATES[state],
    address: key?.address ?? '',
    label,
    createdBy,
    createTime: timestampFromMs(createdAt),
    ...(destroyedAt === null ? {} : { destroyTime: timestampFromMs(destroyedAt) }),
    keyDestroyed: wallet.keyDestroyedDetail ?? '',
    type: backend ?? '',
    ...(keyNote === null ? {} : { keyNote: noteMessage(keyNote) }),
  };
}

function noteMessage({ operatorId, reason, at }: KeyNote): MessageInitShape<typeof KeyNoteSchema> {
  return { operator: operatorId, reason, noteTime: timestampFromMs(at) };
}

export function templateMessage(template: TemplateState): MessageInitShape<typeof WalletTemplateSchema> {
  const { name, backend, wallets, maxWallets, canExport, canImport, canDestroyKey, isOpen, lastCheck } = template;
  return {
    name,
    type: backend,
    wallets,
    maxWallets,
    canExport,
    canImport,
    canDestroyKey,
    notOpen: !isOpen,
    ...(lastCheck === null ? {} : { lastCheck: checkMessage(lastCheck) }),
  };
}

function checkMessage({ result, at }: NonNullable<TemplateState['lastCheck']>) {
  return {
    ready: result.kind === 'ready',
    detail: result.kind === 'ready' ? result.detail : result.reason,
    field: result.kind === 'failed' ? (result.field ?? '') : '',
    checkTime: timestampFromMs(at),
  };
}

export function proposalMessage(proposal: WalletProposal): MessageInitShape<typeof WalletProposalSchema> {
  const { proposalId, walletId, terms, reason, proposedBy, proposedAt, expiresAt, votes, carriedOutAt } = proposal;
  return {
    proposalId,
    wallet: walletId,
    action: actionOf(terms),
    reason,
    proposedBy,
    proposeTime: timestampFromMs(proposedAt),
    expireTime: timestampFromMs(expiresAt),
    votes: votes.map((vote) => ({
      operator: vote.operatorId,
      reason: vote.reason,
      voteTime: timestampFromMs(vote.at),
      counts: vote.counts,
    })),
    ...(carriedOutAt === null ? {} : { carryOutTime: timestampFromMs(carriedOutAt) }),
  };
}

function actionOf(terms: WalletActionTerms): NonNullable<MessageInitShape<typeof WalletProposalSchema>['action']> {
  switch (terms.action) {
    case 'destroy':
      return { case: 'destroy', value: {} };
    case 'export':
      return { case: 'exportKey', value: { recipient: terms.recipient } };
    case 'import':
      return { case: 'importKey', value: { template: terms.template, address: terms.address } };
    default:
      return assertNever(terms);
  }
}
